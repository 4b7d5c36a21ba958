package dev.millrace.server.generate;

import dev.millrace.core.error.ErrorCode;
import dev.millrace.engine.FinishReason;
import dev.millrace.engine.Generation;
import dev.millrace.engine.GenerationEvent;
import dev.millrace.engine.GenerationRequest;
import dev.millrace.engine.Timings;
import dev.millrace.engine.Usage;
import dev.millrace.gateway.admission.RejectReason;
import dev.millrace.gateway.admission.Verdict;
import dev.millrace.models.lifecycle.Claim;
import dev.millrace.models.lifecycle.Demand;
import dev.millrace.models.lifecycle.Lease;
import dev.millrace.protocol.openai.ApiError;
import dev.millrace.server.account.CallSummary;
import dev.millrace.server.admission.Admission;
import dev.millrace.server.admission.Place;
import dev.millrace.server.admission.Refusal;
import dev.millrace.server.loop.Deadlined;
import dev.millrace.server.reply.Reply;
import dev.millrace.server.reply.Status;
import io.vertx.core.http.HttpServerResponse;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One generation call, from admission to the engine's terminal event. *Confined to its event loop*, except
/// [#admitted] and the engine's wake-ups, which come through the loop's mailbox.
///
/// The client's end and the engine's end are two things. A client that leaves, or that was told about a timeout, is
/// done with; but the place is held until the engine's terminal event, so that the accounts never say less than
/// what really runs.
public final class GenerationCall extends Deadlined implements Admission.Waiter, Claim {
    private static final Logger LOG = LoggerFactory.getLogger(GenerationCall.class);

    private enum Phase {
        NEW,
        WAITING_FOR_MODEL,
        WAITING_FOR_PLACE,
        WAITING_FOR_TOKEN,
        DECODING,
        ENDED
    }

    private final CallScope scope;
    private final CallHead head;
    private final Demand demand;
    private final GenerationRequest request;
    private final AnswerOutput output;
    private final HttpServerResponse response;
    private volatile @Nullable ModelAnswer modelAnswer;
    private volatile boolean placeGranted;
    private volatile boolean placeExpired;
    private @Nullable Place place;
    private boolean placeHeld;
    private boolean triedTwice;
    private boolean again;
    private boolean begun;
    private @Nullable Lease lease;
    private Phase phase = Phase.NEW;
    private @Nullable Generation generation;
    private boolean pumping;
    private boolean abandoned;
    private int status;
    private @Nullable ErrorCode error;
    private long repliedNanos;
    private long startNanos;
    private long firstTokenNanos;
    private long lastEventNanos;
    private long fullSinceNanos;
    private boolean full;

    /// @param answer how the answer is to be written
    public GenerationCall(
            CallScope scope,
            CallHead head,
            Demand demand,
            GenerationRequest request,
            AnswerPlan answer,
            HttpServerResponse response) {
        this.scope = scope;
        this.head = head;
        this.demand = demand;
        this.request = request;
        this.response = response;
        this.output = head.stream()
                ? new StreamOutput(response, head, answer.writer(), answer.usageAsked(), this::drained)
                : new WholeOutput(response, head, answer.writer(), answer.logprobsAsked());
    }

    /// What the pool said. *Immutable.*
    private sealed interface ModelAnswer {
        record Granted(Lease lease) implements ModelAnswer {}

        record Refused(
                ErrorCode code, String message, @Nullable Duration retryAfter) implements ModelAnswer {}
    }

    /// Asks for the model and for a place, and goes on from there.
    public void start() {
        lastEventNanos = scope.clock().nanoTime();
        response.closeHandler(closed -> clientLeft());
        scope.deadlines().add(this);
        awaitModel();
    }

    private void awaitModel() {
        phase = Phase.WAITING_FOR_MODEL;
        scope.models().acquire(head.model(), demand, this);
    }

    /// On any thread.
    @Override
    public void granted(Lease granted) {
        modelAnswer = new ModelAnswer.Granted(granted);
        scope.mailbox().post(this);
    }

    /// On any thread.
    @Override
    public void refused(ErrorCode code, String message, @Nullable Duration retryAfter) {
        modelAnswer = new ModelAnswer.Refused(code, message, retryAfter);
        scope.mailbox().post(this);
    }

    private void modelAnswered(ModelAnswer answer) {
        modelAnswer = null;
        switch (answer) {
            case ModelAnswer.Granted(Lease granted) -> {
                lease = granted;
                if (abandoned) {
                    end(null, Usage.NONE, Timings.NONE);
                } else if (placeHeld) {
                    submit(scope.clock().nanoTime());
                } else {
                    awaitPlace();
                }
            }
            case ModelAnswer.Refused(ErrorCode code, String message, Duration retryAfter) -> {
                if (abandoned) {
                    end(null, Usage.NONE, Timings.NONE);
                } else {
                    Reply.retryAfter(response, retryAfter);
                    turnAway(ApiError.of(code, message));
                }
            }
        }
    }

    private void awaitPlace() {
        lastEventNanos = scope.clock().nanoTime();
        var claim = new Place(
                this,
                head.client(),
                head.model(),
                lastEventNanos + scope.limits().queueNanos());
        place = claim;
        switch (scope.admission().arrive(claim)) {
            case Verdict.Admitted _ -> submit(lastEventNanos);
            case Verdict.Queued(int position, Duration _) -> {
                phase = Phase.WAITING_FOR_PLACE;
                Reply.queuePosition(response, position);
            }
            case Verdict.Rejected(RejectReason reason, Duration retryAfter) -> {
                Reply.retryAfter(response, retryAfter);
                turnAway(Refusal.of(reason));
            }
        }
    }

    @Override
    public void admitted() {
        placeGranted = true;
        scope.mailbox().postLater(this);
    }

    @Override
    public void expired() {
        placeExpired = true;
        scope.mailbox().postLater(this);
    }

    @Override
    protected void run() {
        try {
            goOn();
        } catch (RuntimeException e) {
            LOG.error("event=call_fault id={}", head.id(), e);
            abort(ErrorCode.INTERNAL_ERROR, "A fault of the server; its log has the request id.");
            if (phase != Phase.ENDED && generation == null) {
                end(null, Usage.NONE, Timings.NONE); // no engine will ever say that it has ended
            }
        }
    }

    private void goOn() {
        ModelAnswer answer = modelAnswer;
        if (answer != null && phase == Phase.WAITING_FOR_MODEL) {
            modelAnswered(answer);
        } else if (placeGranted && phase == Phase.WAITING_FOR_PLACE) {
            submit(scope.clock().nanoTime());
        } else if (placeExpired && phase == Phase.WAITING_FOR_PLACE) {
            turnAway(Refusal.LATE);
        } else {
            pump();
        }
    }

    private void submit(long nowNanos) {
        placeHeld = true;
        Lease held = lease;
        if (abandoned || held == null) {
            end(null, Usage.NONE, Timings.NONE);
            return;
        }
        phase = Phase.WAITING_FOR_TOKEN;
        startNanos = nowNanos;
        lastEventNanos = nowNanos;
        if (!response.headWritten()) { // a stream that waited for its model has its head already
            Reply.queueTime(response, nowNanos - head.arrivalNanos());
        }
        generation = held.engine().submit(request, () -> scope.mailbox().post(this));
        pump();
    }

    /// Takes what the engine has, unless the client does not keep up. An engine may call back from within.
    private void pump() {
        if (generation == null || pumping || phase == Phase.ENDED) {
            return;
        }
        pumping = true;
        try {
            takeEvents(generation, scope.clock().nanoTime());
        } catch (RuntimeException e) {
            LOG.error("event=call_fault id={}", head.id(), e);
            abort(ErrorCode.INTERNAL_ERROR, "A fault of the server; its log has the request id.");
        } finally {
            pumping = false;
        }
        if (again) {
            again = false;
            awaitModel();
            return;
        }
        if (abandoned && phase != Phase.ENDED) {
            drainAbandoned(generation);
        }
    }

    private void takeEvents(Generation running, long nowNanos) {
        while (!abandoned && !isBlocked(nowNanos)) {
            GenerationEvent event = running.poll();
            if (event == null) {
                output.flush(nowNanos);
                isBlocked(nowNanos);
                return;
            }
            lastEventNanos = nowNanos;
            switch (event) {
                case GenerationEvent.Queued ignored -> output.accepted(nowNanos);
                case GenerationEvent.Prefilling ignored -> {
                    begun = true;
                    output.accepted(nowNanos);
                }
                case GenerationEvent.Token token -> token(token, nowNanos);
                case GenerationEvent.Finished finished -> {
                    finished(finished, nowNanos);
                    return;
                }
                case GenerationEvent.Failed failed -> {
                    failed(failed, nowNanos);
                    return;
                }
            }
        }
    }

    private boolean isBlocked(long nowNanos) {
        if (!full && output.isFull()) {
            full = true;
            fullSinceNanos = nowNanos;
        }
        return full;
    }

    private void drained() {
        full = false;
        pump();
    }

    private void token(GenerationEvent.Token token, long nowNanos) {
        if (firstTokenNanos == 0) {
            firstTokenNanos = nowNanos;
            phase = Phase.DECODING;
        }
        output.accepted(nowNanos);
        output.token(token);
    }

    private void finished(GenerationEvent.Finished finished, long nowNanos) {
        status = 200;
        repliedNanos = nowNanos;
        output.finished(finished, nowNanos);
        settle(finished.reason(), finished);
    }

    private void failed(GenerationEvent.Failed failed, long nowNanos) {
        boolean unstarted = !begun && firstTokenNanos == 0;
        if (failed.code() == ErrorCode.ENGINE_LOST && unstarted && !triedTwice) {
            tryAgain();
            return;
        }
        error = failed.code();
        repliedNanos = nowNanos;
        status = output.failed(ApiError.of(failed.code(), failed.message()), nowNanos);
        settle(null, failed);
    }

    /// The engine was lost before it began with this request, so nothing of it was done and nothing was its fault.
    private void tryAgain() {
        triedTwice = true;
        generation = null;
        giveModelBack();
        // Not here, within pump(): a model that is there again at once could answer within submit(), unheard.
        again = true;
    }

    private void giveModelBack() {
        if (lease != null) {
            lease.release();
            lease = null;
        }
    }

    /// Nobody reads any more: throw away what comes until the engine has really ended.
    private void drainAbandoned(Generation running) {
        for (GenerationEvent event = running.poll(); event != null; event = running.poll()) {
            if (event instanceof GenerationEvent.Terminal terminal) {
                settle(null, terminal);
                return;
            }
        }
    }

    private void clientLeft() {
        abandon(ErrorCode.CANCELLED, Status.CLIENT_LEFT);
    }

    /// Tells the client why it gets no more, and stops the engine.
    private void abort(ErrorCode code, String message) {
        if (phase == Phase.ENDED || abandoned) {
            return;
        }
        if (leavesQueue()) {
            turnAway(ApiError.of(code, message));
            return;
        }
        // A response that has ended cannot be told anything: the fault came after its last byte.
        int told = response.ended()
                ? Status.of(code)
                : output.failed(ApiError.of(code, message), scope.clock().nanoTime());
        abandon(code, told);
    }

    private void abandon(ErrorCode code, int told) {
        if (phase == Phase.ENDED || abandoned) {
            return;
        }
        abandoned = true;
        error = code;
        status = told;
        repliedNanos = scope.clock().nanoTime();
        if (generation != null) {
            generation.cancel();
            pump();
        } else if (leavesQueue()) {
            end(null, Usage.NONE, Timings.NONE);
        }
        // Else model or place was granted at this moment: run() comes and gives it back.
    }

    /// True if this call waited for its model or its place, and now does not any more.
    private boolean leavesQueue() {
        return switch (phase) {
            case WAITING_FOR_MODEL -> scope.models().withdraw(this);
            case WAITING_FOR_PLACE -> place != null && scope.admission().leave(place);
            case NEW, WAITING_FOR_TOKEN, DECODING, ENDED -> false;
        };
    }

    private void turnAway(ApiError why) {
        error = why.code();
        repliedNanos = scope.clock().nanoTime();
        status = output.failed(why, repliedNanos);
        end(null, Usage.NONE, Timings.NONE);
    }

    private void settle(@Nullable FinishReason reason, GenerationEvent.Terminal terminal) {
        end(reason, terminal.usage(), terminal.timings());
    }

    private void end(@Nullable FinishReason reason, Usage usage, Timings timings) {
        phase = Phase.ENDED;
        scope.deadlines().remove(this);
        giveModelBack();
        if (placeHeld && place != null) {
            placeHeld = false;
            scope.admission().release(place);
        }
        long arrival = head.arrivalNanos();
        scope.sink()
                .ended(new CallSummary(
                        head.id(),
                        head.operation(),
                        head.model(),
                        head.stream(),
                        status,
                        error,
                        reason,
                        usage,
                        timings,
                        startNanos == 0 ? repliedNanos - arrival : startNanos - arrival,
                        firstTokenNanos == 0 ? 0 : firstTokenNanos - arrival,
                        repliedNanos - arrival));
    }

    @Override
    protected void checkDeadlines(long nowNanos) {
        if (abandoned) {
            return;
        }
        var limits = scope.limits();
        if (nowNanos - head.arrivalNanos() > limits.totalNanos()) {
            abort(ErrorCode.TOTAL_TIMEOUT, "The answer took longer than the server allows.");
        } else if (full) {
            if (nowNanos - fullSinceNanos > limits.slowReaderNanos()) {
                abandon(ErrorCode.SLOW_READER, Status.CLIENT_LEFT);
                response.reset();
            }
        } else {
            checkSilence(nowNanos);
        }
    }

    private void checkSilence(long nowNanos) {
        var limits = scope.limits();
        switch (phase) {
            case WAITING_FOR_MODEL -> {
                if (nowNanos - lastEventNanos > limits.modelNanos()) {
                    abort(ErrorCode.MODEL_LOAD_TIMEOUT, "The model was not ready in time; try again later.");
                } else {
                    waitAudibly(nowNanos);
                }
            }
            case WAITING_FOR_PLACE -> {
                if (nowNanos - lastEventNanos > limits.queueNanos()) {
                    abort(Refusal.LATE.code(), Refusal.LATE.message());
                } else {
                    // A stream that waited for its model has its head already.
                    output.heartbeat(nowNanos, nowNanos - limits.heartbeatNanos());
                }
            }
            case WAITING_FOR_TOKEN -> {
                if (nowNanos - startNanos > limits.firstTokenNanos()) {
                    abort(ErrorCode.FIRST_TOKEN_TIMEOUT, "There was no first token in time.");
                } else {
                    output.heartbeat(nowNanos, nowNanos - limits.heartbeatNanos());
                }
            }
            case DECODING -> {
                if (nowNanos - lastEventNanos > limits.idleNanos()) {
                    abort(ErrorCode.IDLE_TIMEOUT, "There was no further token in time.");
                } else {
                    output.heartbeat(nowNanos, nowNanos - limits.heartbeatNanos());
                }
            }
            case NEW, ENDED -> {
                // Not on the list.
            }
        }
    }

    /// A stream whose model is being loaded hears of it before anything on the way gives it up.
    private void waitAudibly(long nowNanos) {
        if (nowNanos - lastEventNanos > scope.limits().heartbeatNanos()) {
            output.accepted(nowNanos);
            output.flush(nowNanos);
            output.heartbeat(nowNanos, nowNanos - scope.limits().heartbeatNanos());
        }
    }

    @Override
    protected void shutDown() {
        abort(ErrorCode.SERVER_SHUTDOWN, "The server is stopping; try again later.");
    }
}
