package dev.millrace.server.cache;

import dev.millrace.core.error.ErrorCode;
import dev.millrace.core.id.RequestId;
import dev.millrace.gateway.cache.Acceptance;
import dev.millrace.gateway.cache.CacheKey;
import dev.millrace.gateway.cache.CacheScope;
import dev.millrace.gateway.cache.Cacheability;
import dev.millrace.gateway.cache.Freshness;
import dev.millrace.gateway.cache.Labels;
import dev.millrace.protocol.json.CanonicalJson;
import dev.millrace.protocol.openai.ApiError;
import dev.millrace.server.account.CallSink;
import dev.millrace.server.account.CallSummary;
import dev.millrace.server.account.CallSummary.CacheUse;
import dev.millrace.server.cache.BodyMemo.Known;
import dev.millrace.server.cache.BodyMemo.Print;
import dev.millrace.server.generate.CallHead;
import dev.millrace.server.generate.CallScope;
import dev.millrace.server.reply.HeaderNames;
import dev.millrace.server.reply.Reply;
import dev.millrace.server.reply.Status;
import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.InstantSource;
import java.util.HexFormat;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/// The response cache as the requests of one event loop meet it. *Confined to its event loop.*
public final class LoopCache {
    private static final ApiError NOT_CACHED =
            ApiError.of(ErrorCode.NOT_CACHED, "There is no stored answer, and only-if-cached asks for nothing else.");
    private static final long MILLIS_PER_SECOND = 1_000;

    /// Larger bodies are not remembered: most of them come once, and each would be read twice.
    private static final int MOST_REMEMBERED_BYTES = 256 << 10;

    private final ResponseCache shared;
    private final CallScope calls;
    private final InstantSource wallClock;
    private final RandomGenerator random;
    private final Supplier<RequestId> ids;
    private final Tenants tenants = new Tenants();
    private final MessageDigest digest = BodyMemo.sha256();

    /// @param random used by this event loop only
    /// @param ids for answers that nobody asked for
    public LoopCache(
            ResponseCache shared,
            CallScope calls,
            InstantSource wallClock,
            RandomGenerator random,
            Supplier<RequestId> ids) {
        this.shared = shared;
        this.calls = calls;
        this.wallClock = wallClock;
        this.random = random;
        this.ids = ids;
    }

    /// False if no request takes part.
    public boolean isOn() {
        return shared.isOn();
    }

    /// Answers a request whose very bytes were read before, if there is a stored answer.
    ///
    /// @param head with a model and a kind of answer that nobody has read yet
    /// @param call for the case that the answer is to be computed anew behind the scenes
    public boolean answersKnown(HttpServerRequest request, CallHead head, byte[] body, CallStarter call) {
        if (body.length > MOST_REMEMBERED_BYTES) {
            return false;
        }
        MultiMap headers = request.headers();
        Known known = shared.memo().find(print(head, headers, body));
        if (known == null || !known.identity().equals(shared.models().of(known.name()))) {
            return false;
        }
        var ask = AskHeaders.ask(headers, known.draw(), known.stream());
        if (!(Cacheability.decide(ask, shared.policy())
                instanceof Cacheability.LookUp(boolean _, Acceptance acceptance))) {
            return false;
        }
        Kept.Found found = shared.store().find(known.key(), calls.clock().nanoTime());
        if (found == null || !acceptance.accepts(found.reading())) {
            return false;
        }
        var named = new CallHead(
                head.id(),
                head.client(),
                head.operation(),
                known.labels().model(),
                known.stream(),
                head.arrivalNanos());
        give(request.response(), named, found, false);
        renew(found, question(known, headers, acceptance), named, call);
        return true;
    }

    /// Answers a request with a stored answer, or has it computed.
    public void serve(Asking asking, CallStarter call) {
        HttpServerRequest request = asking.request();
        if (!isOn()) {
            call.start(calls, asking.head(), request.response());
            return;
        }
        var ask = AskHeaders.ask(request.headers(), asking.draw(), asking.head().stream());
        switch (Cacheability.decide(ask, shared.policy())) {
            case Cacheability.Bypass _ -> bypass(asking, call);
            case Cacheability.Unanswerable _ -> refuse(asking);
            case Cacheability.StoreOnly() -> {
                Known known = known(asking);
                if (known == null) {
                    bypass(asking, call);
                } else {
                    shared.counts().missed();
                    visit(asking, question(known, request.headers(), null), call, null)
                            .startAlone(CacheUse.REFRESH);
                }
            }
            case Cacheability.LookUp(boolean onlyIfCached, Acceptance acceptance) -> {
                Known known = known(asking);
                if (known == null) {
                    bypass(asking, call);
                } else {
                    lookUp(asking, question(known, request.headers(), acceptance), call, onlyIfCached);
                }
            }
        }
    }

    private void lookUp(Asking asking, Question question, CallStarter call, boolean onlyIfCached) {
        Acceptance acceptance = question.acceptance();
        Kept.Found found = shared.store().find(question.key(), calls.clock().nanoTime());
        if (found != null && acceptance != null && acceptance.accepts(found.reading())) {
            give(asking.request().response(), asking.head(), found, false);
            renew(found, question, asking.head(), call);
            return;
        }
        shared.counts().missed();
        if (onlyIfCached) {
            refuse(asking);
            return;
        }
        boolean usableAfterError = found != null && acceptance != null && acceptance.acceptsAfterError(found.reading());
        visit(asking, question, call, usableAfterError ? found : null).start();
    }

    private Visit visit(Asking asking, Question question, CallStarter call, Kept.@Nullable Found spare) {
        return new Visit(this, asking.head(), question, call, asking.request().response(), spare);
    }

    private void bypass(Asking asking, CallStarter call) {
        shared.counts().bypassed();
        HttpServerResponse response = asking.request().response();
        response.putHeader(HeaderNames.CACHE, "bypass");
        CallSink sink = calls.sink();
        call.start(calls.with(ended -> sink.ended(ended.with(CacheUse.BYPASS))), asking.head(), response);
    }

    private void refuse(Asking asking) {
        CallHead head = asking.head();
        HttpServerResponse response = asking.request().response();
        response.putHeader(HeaderNames.CACHE, "miss");
        Reply.error(response, head.id(), NOT_CACHED);
        long nanos = calls.clock().nanoTime() - head.arrivalNanos();
        calls.sink()
                .ended(CallSummary.refused(
                        head.id(),
                        head.operation(),
                        head.model(),
                        Status.of(NOT_CACHED.code()),
                        NOT_CACHED.code(),
                        nanos));
    }

    /// @param afterError it takes the place of an error
    void give(HttpServerResponse response, CallHead head, Kept.Found found, boolean afterError) {
        boolean stale = found.reading().leftMillis() <= 0;
        shared.counts().hit(stale);
        long age = found.reading().ageMillis() / MILLIS_PER_SECOND;
        StoredReply.send(response, head, found.kept().answer(), stale || afterError ? "stale" : "hit", age);
        CacheUse use = stale ? CacheUse.STALE : CacheUse.HIT;
        calls.sink()
                .ended(StoredReply.summary(
                        head, found.kept().answer(), use, calls.clock().nanoTime()));
    }

    /// Has an answer that is nearly or already over computed anew, by one caller only.
    private void renew(Kept.Found found, Question question, CallHead asked, CallStarter call) {
        if (found.reading().state() == Freshness.State.FRESH) {
            return;
        }
        var head = new CallHead(
                ids.get(),
                asked.client(),
                asked.operation(),
                asked.model(),
                asked.stream(),
                calls.clock().nanoTime());
        var visit = new Visit(this, head, question, call, null, null);
        var key = new FlightKey(question.key(), shared.store().started());
        if (shared.flights().claimRefresh(key, visit)) {
            shared.counts().refreshed();
            visit.startBehind(key);
        }
    }

    /// An answer that will do, if there is one.
    Kept.@Nullable Found find(Question question) {
        Acceptance acceptance = question.acceptance();
        Kept.Found found = shared.store().find(question.key(), calls.clock().nanoTime());
        return found != null && acceptance != null && acceptance.accepts(found.reading()) ? found : null;
    }

    private Question question(Known known, MultiMap headers, @Nullable Acceptance acceptance) {
        return new Question(
                known.key(),
                known.labels(),
                known.draw().choices(),
                acceptance,
                known.identity().isKnown(),
                AskHeaders.waitNanos(headers, calls.limits().totalNanos()));
    }

    /// What the request asks for; `null` if it has no key.
    private @Nullable Known known(Asking asking) {
        ModelIdentity identity = shared.models().of(asking.name());
        if (identity == null || !(CanonicalJson.of(asking.body()) instanceof CanonicalJson.Form form)) {
            return null;
        }
        MultiMap headers = asking.request().headers();
        String tenant = tenants.of(headers);
        CallHead head = asking.head();
        try {
            var scope = new CacheScope(
                    tenant, head.operation().wireName(), hash(identity.origin()), "", hash(identity.build()));
            var labels = new Labels(tenant, identity.label(), AskHeaders.tags(headers));
            var known = new Known(
                    asking.name(), identity, CacheKey.of(scope, form.bytes()), labels, head.stream(), asking.draw());
            if (asking.body().length <= MOST_REMEMBERED_BYTES) {
                shared.memo().keep(print(head, headers, asking.body()), known);
            }
            return known;
        } catch (IllegalArgumentException e) {
            return null; // a name that nothing could be made invalid by
        }
    }

    private Print print(CallHead head, MultiMap headers, byte[] body) {
        return BodyMemo.print(digest, head.operation(), tenants.of(headers), body);
    }

    private String hash(String text) {
        return HexFormat.of().formatHex(digest.digest(text.getBytes(StandardCharsets.UTF_8)));
    }

    ResponseCache shared() {
        return shared;
    }

    CallScope calls() {
        return calls;
    }

    InstantSource wallClock() {
        return wallClock;
    }

    long drawTtlMillis() {
        return shared.freshness().drawTtlMillis(random);
    }
}
