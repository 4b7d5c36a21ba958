package dev.millrace.server.relay;

import dev.millrace.gateway.fleet.Attempt;
import dev.millrace.gateway.fleet.Outcome;
import dev.millrace.gateway.retry.Fault;
import dev.millrace.protocol.openai.AnswerScan;
import dev.millrace.server.fleet.Target;
import dev.millrace.server.upstream.Exchange;
import dev.millrace.server.upstream.LoopPool;
import dev.millrace.server.upstream.UpstreamConnection;
import dev.millrace.server.upstream.UpstreamRequest;
import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import org.jspecify.annotations.Nullable;

/// One attempt of a call at one endpoint, from the wait for a connection to the end of the answer. *Confined to its event
/// loop.* Once it has told its call how it ended, or was dropped, it says nothing more.
final class RelayAttempt implements LoopPool.Waiter, Exchange {
    private final RelayScope scope;
    private final RelayCall call;
    private final RelayAsk ask;
    private final RelayOutput output;
    private final Attempt attempt;
    private final Target target;
    private final AnswerScan scan = new AnswerScan();
    private @Nullable LoopPool waitingAt;
    private @Nullable UpstreamConnection connection;
    private @Nullable RelayAnswer answer;
    private boolean streams;
    private boolean over;

    RelayAttempt(RelayScope scope, RelayCall call, RelayAsk ask, RelayOutput output, Attempt attempt, Target target) {
        this.scope = scope;
        this.call = call;
        this.ask = ask;
        this.output = output;
        this.attempt = attempt;
        this.target = target;
    }

    void start() {
        LoopPool pool = scope.pools().of(target.pool());
        waitingAt = pool;
        pool.acquire(this);
    }

    /// What the fleet calls it.
    Attempt attempt() {
        return attempt;
    }

    @Override
    public void connected(UpstreamConnection given) {
        waitingAt = null;
        connection = given;
        call.sent();
        byte[] body = ask.request()
                .bodyFor(ask.body(), attempt.upstreamModel(), target.quirks().countsStreams());
        given.send(
                this,
                new UpstreamRequest.Post(
                        ask.path(), call.id().value(), ask.trace(), ask.hops(), call.leftMillis(), body));
    }

    @Override
    public void notConnected(Break how) {
        waitingAt = null;
        fail(AttemptFailure.of(how == Break.EXHAUSTED ? Fault.POOL_EXHAUSTED : Fault.CONNECT));
    }

    @Override
    public void head(int status, HttpHeaders headers) {
        String type = headers.get(HttpHeaderNames.CONTENT_TYPE);
        if (status != 200) {
            answer = new ErrorAnswer(this, status, headers);
        } else if (type != null && type.startsWith("text/event-stream")) {
            answer = new EventAnswer(this, output, scan, ask.request().usageAsked());
        } else {
            answer = new WholeAnswer(this, output, scan, declaredBytes(headers));
        }
    }

    private static long declaredBytes(HttpHeaders headers) {
        String declared = headers.get(HttpHeaderNames.CONTENT_LENGTH);
        try {
            return declared == null ? -1 : Long.parseLong(declared);
        } catch (NumberFormatException _) {
            return -1;
        }
    }

    @Override
    public void content(ByteBuf piece) {
        if (answer != null && !over) {
            answer.content(piece);
        }
    }

    @Override
    public void pause() {
        if (answer == null || over) {
            return;
        }
        long nowNanos = now();
        answer.pause(nowNanos);
        if (streams) {
            target.goesOn(nowNanos);
        }
        if (connection != null && call.wentOn(nowNanos)) {
            connection.reading(false);
        }
    }

    /// The client takes more again.
    void goOn() {
        if (connection != null) {
            connection.reading(true);
        }
    }

    @Override
    public void ended() {
        connection = null;
        if (answer != null && !over) {
            answer.ended(now());
        }
    }

    @Override
    public void broken(Break how) {
        connection = null;
        fail(AttemptFailure.of(
                switch (how) {
                    case STALE -> Fault.STALE_CONNECTION;
                    case CONNECT, EXHAUSTED, BEFORE_ANSWER -> Fault.RESET_BEFORE_ANSWER;
                    case WITHIN_ANSWER -> Fault.CUT;
                    case MALFORMED -> Fault.MALFORMED;
                }));
    }

    // --- What the answers ask and say

    long now() {
        return scope.calls().clock().nanoTime();
    }

    long wallSeconds() {
        return scope.wallClock().millis() / 1_000;
    }

    boolean isRenamed() {
        return !attempt.upstreamModel().equals(publicName());
    }

    String publicName() {
        return ask.request().model();
    }

    /// True if an answer that says `model` can be one to this request.
    boolean isRightModel(@Nullable String model) {
        return model == null || target.quirks().mayBe(attempt.upstreamModel(), model);
    }

    /// True if the request carried a wish for usage that the client did not have.
    boolean wishedForUsage() {
        return target.quirks().countsStreams()
                && ask.request().stream()
                && !ask.request().usageAsked();
    }

    /// The upstream does not understand that wish.
    void refusesUsage() {
        target.refusesUsage();
        end(Outcome.ANSWERED, "usage_refused");
        call.sendAnew();
    }

    /// The client is about to see content.
    void shown(long nowNanos) {
        if (ask.request().stream()) {
            streams = true;
            target.streamBegan(nowNanos);
        }
        if (attempt.trial()) {
            scope.upstreams().fleet().answering(attempt); // no need to wait for the end of a long answer
        }
        call.shown(nowNanos);
    }

    /// Takes over what an answer cost and why it ended.
    void count(AnswerScan found) {
        call.count(found);
    }

    /// The client has the whole answer.
    void finished(long nowNanos) {
        if (connection != null) {
            connection.leaveRest();
            connection = null;
        }
        end(Outcome.ANSWERED, "answered");
        call.finished(nowNanos);
    }

    /// There will be no answer from here, or no more of it.
    void fail(AttemptFailure failure) {
        if (!over) {
            release();
            scope.meters().attempt(attempt.endpoint().upstream(), failure.word());
            call.attemptFailed(this, failure);
        }
    }

    /// The call is over, whatever this attempt would still say.
    ///
    /// @param word for the metrics
    void drop(Outcome outcome, String word) {
        if (!over) {
            end(outcome, word);
        }
    }

    private void end(Outcome outcome, String word) {
        release();
        scope.meters().attempt(attempt.endpoint().upstream(), word);
        scope.upstreams().fleet().ended(attempt, outcome);
    }

    private void release() {
        over = true;
        if (streams) {
            target.streamEnded();
        }
        if (connection != null) {
            connection.abandon();
            connection = null;
        }
        if (waitingAt != null) {
            waitingAt.leave(this);
            waitingAt = null;
        }
    }
}
