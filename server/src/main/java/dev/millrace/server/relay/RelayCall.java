package dev.millrace.server.relay;

import dev.millrace.core.error.ErrorCode;
import dev.millrace.core.id.RequestId;
import dev.millrace.engine.FinishReason;
import dev.millrace.engine.Timings;
import dev.millrace.engine.Usage;
import dev.millrace.gateway.fleet.Ask;
import dev.millrace.gateway.fleet.Attempt;
import dev.millrace.gateway.fleet.Choice;
import dev.millrace.gateway.fleet.EndpointId;
import dev.millrace.gateway.fleet.Outcome;
import dev.millrace.gateway.fleet.PrefixHashes;
import dev.millrace.gateway.retry.Fault;
import dev.millrace.gateway.retry.RetryDecision;
import dev.millrace.protocol.json.JsonBytes;
import dev.millrace.protocol.openai.AnswerScan;
import dev.millrace.protocol.openai.ApiError;
import dev.millrace.protocol.openai.RelayRequest;
import dev.millrace.server.account.CallSummary;
import dev.millrace.server.admission.Admission;
import dev.millrace.server.config.GatewayConfig;
import dev.millrace.server.fleet.SharedFleet;
import dev.millrace.server.fleet.Target;
import dev.millrace.server.generate.CallHead;
import dev.millrace.server.loop.Deadlined;
import dev.millrace.server.reply.HeaderNames;
import dev.millrace.server.reply.Reply;
import dev.millrace.server.reply.Status;
import io.vertx.core.http.HttpServerResponse;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One call that an upstream answers, from admission to the last byte: routed, and routed again elsewhere as long as the
/// client has seen nothing and policy allows it. *Confined to its event loop*, except [#admitted].
public final class RelayCall extends Deadlined implements Admission.Waiter {
    private static final Logger LOG = LoggerFactory.getLogger(RelayCall.class);
    private static final long[] NO_PREFIX = {};
    private static final long NANOS_PER_MILLI = 1_000_000;

    private enum Phase {
        WAITING_FOR_PLACE,
        WAITING_FOR_CONNECTION,
        WAITING_TO_TRY_AGAIN,
        WAITING_FOR_CONTENT,
        ANSWERING,
        ENDED
    }

    private final RelayScope scope;
    private final CallHead head;
    private final RelayAsk ask;
    private final HttpServerResponse response;
    private final RelayOutput output;
    private final long[] prefix;
    private final long deadlineNanos;
    private Set<EndpointId> tried = Set.of();
    private Phase phase = Phase.WAITING_FOR_PLACE;
    private boolean placeHeld;
    private int attempts;
    private @Nullable RelayAttempt current;
    private @Nullable AttemptFailure lastFailure;
    private long phaseSinceNanos;
    private long startNanos;
    private long firstTokenNanos;
    private boolean full;
    private long fullSinceNanos;
    private Usage usage = Usage.NONE;
    private FinishReason finish = FinishReason.STOP;

    /// @param ask what is to be passed on
    public RelayCall(RelayScope scope, CallHead head, RelayAsk ask, HttpServerResponse response) {
        this.scope = scope;
        this.head = head;
        this.ask = ask;
        this.response = response;
        this.output = new RelayOutput(response, head, this::drained);
        this.prefix = prefix(scope, ask);
        long own = scope.calls().limits().totalNanos();
        long limit = ask.timeoutNanos() > 0 ? Math.min(own, ask.timeoutNanos()) : own;
        this.deadlineNanos = head.arrivalNanos() + limit;
    }

    private static long[] prefix(RelayScope scope, RelayAsk ask) {
        if (scope.upstreams().config().policy() != GatewayConfig.Policy.PREFIX) {
            return NO_PREFIX;
        }
        RelayRequest.Span prompt = ask.request().promptAt();
        return PrefixHashes.of(ask.body(), prompt.from(), prompt.to());
    }

    /// Asks for a place, and goes on from there.
    public void start() {
        phaseSinceNanos = now();
        response.closeHandler(closed -> clientLeft());
        scope.calls().deadlines().add(this);
        switch (scope.calls().admission().arrive(this)) {
            case ADMITTED -> begin();
            case QUEUED -> {
                // admitted() follows
            }
            case REJECTED ->
                fail(ApiError.of(
                        ErrorCode.QUEUE_FULL, "Too many requests at once and the queue is full; try again later."));
        }
    }

    /// On any thread.
    @Override
    public void admitted() {
        scope.calls().mailbox().postLater(this);
    }

    @Override
    protected void run() {
        if (phase == Phase.WAITING_FOR_PLACE) {
            begin();
        } else {
            scope.calls().admission().release(); // it came too late
        }
    }

    private void begin() {
        placeHeld = true;
        startNanos = now();
        Reply.queueTime(response, startNanos - head.arrivalNanos());
        route(scope.upstreams().fleet().begin(asking()));
    }

    private Ask asking() {
        return new Ask(ask.request().model(), ask.session(), prefix, tried);
    }

    private void route(Choice choice) {
        switch (choice) {
            case Choice.Send(Attempt chosen) -> send(chosen);
            case Choice.Unknown _ ->
                fail(new ApiError(
                        ErrorCode.MODEL_NOT_FOUND, "No such model here; GET /v1/models lists them.", "model"));
            case Choice.Unavailable(long waitNanos) -> {
                if (lastFailure != null) {
                    giveUp(lastFailure);
                } else {
                    Reply.retryAfter(response, Duration.ofNanos(waitNanos));
                    fail(ApiError.of(
                            ErrorCode.UPSTREAM_UNAVAILABLE, "No upstream can take the request now; try again later."));
                }
            }
            case Choice.Exhausted _ -> giveUp(lastFailure == null ? AttemptFailure.of(Fault.CONNECT) : lastFailure);
        }
    }

    private void send(Attempt chosen) {
        attempts++;
        Target found = scope.upstreams().target(chosen.endpoint());
        if (found == null) { // it went between the choice and now
            scope.upstreams().fleet().ended(chosen, Outcome.UNDECIDED);
            giveUp(lastFailure == null ? AttemptFailure.of(Fault.CONNECT) : lastFailure);
            return;
        }
        enter(Phase.WAITING_FOR_CONNECTION);
        output.by(chosen.endpoint().upstream(), attempts);
        RelayAttempt attempt = new RelayAttempt(scope, this, ask, output, chosen, found);
        current = attempt;
        attempt.start();
    }

    private void enter(Phase next) {
        phase = next;
        phaseSinceNanos = now();
    }

    private long now() {
        return scope.calls().clock().nanoTime();
    }

    // --- What attempts ask and say

    RequestId id() {
        return head.id();
    }

    /// What is left of the client's time.
    long leftMillis() {
        return Math.max(1, (deadlineNanos - now()) / NANOS_PER_MILLI);
    }

    /// The request is on its way.
    void sent() {
        enter(Phase.WAITING_FOR_CONTENT);
    }

    /// Some of the answer came and was passed on, as far as it could be.
    ///
    /// @return true if the client is to take what it has first
    boolean wentOn(long nowNanos) {
        if (phase == Phase.ANSWERING) {
            phaseSinceNanos = nowNanos;
        }
        if (!full && output.isFull()) {
            full = true;
            fullSinceNanos = nowNanos;
        }
        return full;
    }

    private void drained() {
        full = false;
        phaseSinceNanos = now(); // it was the client who was silent
        if (current != null) {
            current.goOn();
        }
    }



    /// The client is about to see content.
    void shown(long nowNanos) {
        firstTokenNanos = nowNanos;
        enter(Phase.ANSWERING);
    }

    /// Takes over what an answer cost and why it ended.
    void count(AnswerScan found) {
        if (found.hasUsage()) {
            usage = new Usage(found.promptTokens(), found.cachedTokens(), found.completionTokens());
        }
        String word = found.finishWord();
        if (word != null) {
            finish = word.equals("length") ? FinishReason.LENGTH : FinishReason.STOP;
        }
    }

    /// The request was at fault, by something that this server had put in and now leaves out.
    void sendAnew() {
        current = null;
        attempts--;
        route(scope.upstreams().fleet().again(asking()));
    }

    /// The client has the whole answer.
    void finished(long nowNanos) {
        current = null;
        settle(200, null, finish, nowNanos);
    }

    // --- Failures

    /// The current attempt will not answer, or no further.
    void attemptFailed(RelayAttempt failed, AttemptFailure failure) {
        current = null;
        full = false;
        boolean shown = phase == Phase.ANSWERING;
        EndpointId endpoint = failed.attempt().endpoint();
        lastFailure = failure;
        note(endpoint, failure);
        Set<EndpointId> before = tried;
        tried = with(tried, endpoint);
        RetryDecision decision = scope.upstreams()
                .fleet()
                .failed(
                        failed.attempt(),
                        failure.outcome(),
                        failure.fault(),
                        asking(),
                        failure.retryAfterNanos(),
                        new SharedFleet.Progress(attempts, shown, deadlineNanos - now()));
        switch (decision) {
            case RetryDecision.Elsewhere(long delayNanos) -> tryAgain(delayNanos);
            case RetryDecision.SamePlace(long delayNanos) -> {
                tried = before;
                tryAgain(delayNanos);
            }
            case RetryDecision.GiveUp _ -> giveUp(failure);
        }
    }

    private void note(EndpointId endpoint, AttemptFailure failure) {
        if (failure.fault() != Fault.REFUSED) {
            LOG.warn(
                    "event=attempt_failed id={} endpoint={} attempt={} fault={} status={}",
                    head.id(),
                    endpoint,
                    attempts,
                    failure.word(),
                    failure.status());
        }
    }

    private static Set<EndpointId> with(Set<EndpointId> tried, EndpointId one) {
        Set<EndpointId> more = new HashSet<>(tried);
        more.add(one);
        return more;
    }

    private void tryAgain(long delayNanos) {
        enter(Phase.WAITING_TO_TRY_AGAIN);
        if (delayNanos <= 0) {
            route(scope.upstreams().fleet().again(asking()));
            return;
        }
        var _ = scope.loop()
                .schedule(
                        () -> {
                            if (phase == Phase.WAITING_TO_TRY_AGAIN) {
                                route(scope.upstreams().fleet().again(asking()));
                            }
                        },
                        delayNanos,
                        TimeUnit.NANOSECONDS);
    }

    private void giveUp(AttemptFailure failure) {
        if (failure.fault() == Fault.REFUSED && !response.headWritten()) {
            passRefusal(failure);
            return;
        }
        if (failure.retryAfterNanos() >= 0) {
            Reply.retryAfter(response, Duration.ofNanos(failure.retryAfterNanos()));
        }
        fail(ApiError.of(failure.code(), failure.message()));
    }

    /// The request is at fault, and the upstream knows best how.
    private void passRefusal(AttemptFailure failure) {
        var out = new JsonBytes(256);
        if (failure.said().message().isEmpty()) {
            ApiError.of(failure.code(), failure.message()).write(out);
        } else {
            failure.said().write(out, "invalid_request_error", failure.code().wireName());
        }
        byte[] body = out.toByteArray();
        output.whole(failure.status(), HeaderNames.JSON, body, body.length, now());
        settle(failure.status(), failure.code(), null, now());
    }

    private void fail(ApiError error) {
        if (phase != Phase.ENDED) {
            long nowNanos = now();
            settle(output.failed(error, nowNanos), error.code(), null, nowNanos);
        }
    }

    // --- The end

    private void clientLeft() {
        stop(ErrorCode.CANCELLED, Outcome.UNDECIDED, "abandoned");
    }

    private void stop(ErrorCode code, Outcome outcome, String word) {
        if (phase == Phase.ENDED) {
            return;
        }
        drop(outcome, word);
        settle(Status.CLIENT_LEFT, code, null, now());
    }

    /// Ends the attempt and tells the client why it gets no more.
    private void abort(ErrorCode code, String message, Outcome outcome) {
        drop(outcome, code.wireName());
        fail(ApiError.of(code, message));
    }

    private void drop(Outcome outcome, String word) {
        if (current != null) {
            current.drop(outcome, word);
            current = null;
        }
    }

    private void settle(int status, @Nullable ErrorCode code, @Nullable FinishReason reason, long nowNanos) {
        if (phase == Phase.ENDED) {
            return;
        }
        boolean queued = phase == Phase.WAITING_FOR_PLACE;
        phase = Phase.ENDED;
        scope.calls().deadlines().remove(this);
        if (placeHeld) {
            placeHeld = false;
            scope.calls().admission().release();
        } else if (queued) {
            scope.calls().admission().leave(this); // if it was admitted in the meantime, run() gives the place back
        }
        long arrival = head.arrivalNanos();
        long decode = firstTokenNanos == 0 ? 0 : nowNanos - firstTokenNanos;
        scope.calls()
                .sink()
                .ended(new CallSummary(
                        head.id(),
                        head.operation(),
                        head.model(),
                        head.stream(),
                        status,
                        code,
                        reason,
                        usage,
                        firstTokenNanos == 0 ? Timings.NONE : new Timings(0, firstTokenNanos - startNanos, decode),
                        startNanos == 0 ? nowNanos - arrival : startNanos - arrival,
                        firstTokenNanos == 0 ? 0 : firstTokenNanos - arrival,
                        nowNanos - arrival));
    }

    @Override
    protected void checkDeadlines(long nowNanos) {
        var limits = scope.calls().limits();
        if (nowNanos - deadlineNanos > 0) {
            abort(ErrorCode.TOTAL_TIMEOUT, "The answer took longer than allowed.", Outcome.UNDECIDED);
        } else if (full) {
            if (nowNanos - fullSinceNanos > limits.slowReaderNanos()) {
                stop(ErrorCode.SLOW_READER, Outcome.UNDECIDED, "abandoned");
                response.reset();
            }
        } else if (phase == Phase.WAITING_FOR_PLACE && nowNanos - phaseSinceNanos > limits.queueNanos()) {
            fail(ApiError.of(
                    ErrorCode.QUEUE_TIMEOUT, "The request waited in the queue for too long; try again later."));
        } else if (phase == Phase.WAITING_FOR_CONTENT
                && head.stream()
                && nowNanos - phaseSinceNanos > limits.firstTokenNanos()) {
            fellSilent();
        } else if (phase == Phase.ANSWERING && nowNanos - phaseSinceNanos > limits.idleNanos()) {
            abort(ErrorCode.IDLE_TIMEOUT, "There was no further token in time.", Outcome.FAILED);
        } else if (head.stream()) {
            output.heartbeat(nowNanos, nowNanos - limits.heartbeatNanos());
        }
    }

    private void fellSilent() {
        if (current != null) {
            current.fail(AttemptFailure.of(Fault.SILENT));
        }
    }

    @Override
    protected void shutDown() {
        abort(ErrorCode.SERVER_SHUTDOWN, "The server is stopping; try again later.", Outcome.UNDECIDED);
    }
}
