package dev.millrace.server.generate;

import dev.millrace.core.error.ErrorCode;
import dev.millrace.engine.Embedding;
import dev.millrace.engine.EmbeddingEvent;
import dev.millrace.engine.EmbeddingRequest;
import dev.millrace.engine.Timings;
import dev.millrace.engine.Usage;
import dev.millrace.models.lifecycle.Claim;
import dev.millrace.models.lifecycle.Demand;
import dev.millrace.models.lifecycle.Lease;
import dev.millrace.protocol.openai.ApiError;
import dev.millrace.protocol.openai.EmbeddingsRequest.Encoding;
import dev.millrace.server.account.CallSummary;
import dev.millrace.server.admission.Admission;
import dev.millrace.server.loop.Deadlined;
import dev.millrace.server.reply.Reply;
import dev.millrace.server.reply.Status;
import io.vertx.core.http.HttpServerResponse;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One call for embeddings, from admission to its last byte. *Confined to its event loop*, except [#admitted],
/// [#granted], [#refused] and the engine's wake-ups, which come through the loop's mailbox.
///
/// Model and place are held until the engine's last event, also if the client has left; not while the answer is
/// written, which needs neither.
public final class EmbeddingCall extends Deadlined implements Admission.Waiter, Claim {
    private static final Logger LOG = LoggerFactory.getLogger(EmbeddingCall.class);
    private static final ApiError FAULT =
            ApiError.of(ErrorCode.INTERNAL_ERROR, "A fault of the server; its log has the request id.");

    private static final ApiError NO_MEMORY =
            ApiError.of(ErrorCode.QUEUE_FULL, "Too many embeddings at once; try again later, or with fewer inputs.");

    private enum Phase {
        WAITING_FOR_MODEL,
        WAITING_FOR_PLACE,
        COMPUTING,
        WRITING,
        ENDED
    }

    private final CallScope scope;
    private final CallHead head;
    private final Demand demand;
    private final EmbeddingRequest request;
    private final EmbeddingOutput output;
    private final HttpServerResponse response;
    private volatile @Nullable ModelAnswer modelAnswer;
    private volatile boolean placeGranted;
    private Phase phase = Phase.WAITING_FOR_MODEL;
    private boolean placeHeld;
    private @Nullable Lease lease;
    private @Nullable Embedding embedding;
    private boolean begun;
    private boolean triedTwice;
    private boolean pumping;
    private boolean abandoned;
    private int status;
    private @Nullable ErrorCode error;
    private Usage usage = Usage.NONE;
    private Timings timings = Timings.NONE;
    private long memoryBytes;
    private long startNanos;
    private long repliedNanos;
    private long lastEventNanos;

    /// @param encoding how the vectors are to be written
    public EmbeddingCall(
            CallScope scope,
            CallHead head,
            Demand demand,
            EmbeddingRequest request,
            Encoding encoding,
            HttpServerResponse response) {
        this.scope = scope;
        this.head = head;
        this.demand = demand;
        this.request = request;
        this.response = response;
        this.output = new EmbeddingOutput(response, head, encoding);
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
        response.closeHandler(closed -> abandon(ErrorCode.CANCELLED, Status.CLIENT_LEFT));
        scope.deadlines().add(this);
        awaitModel();
    }

    private void awaitModel() {
        phase = Phase.WAITING_FOR_MODEL;
        scope.models().acquire(head.model(), demand, this);
    }

    @Override
    public void granted(Lease granted) {
        modelAnswer = new ModelAnswer.Granted(granted);
        scope.mailbox().post(this);
    }

    @Override
    public void refused(ErrorCode code, String message, @Nullable Duration retryAfter) {
        modelAnswer = new ModelAnswer.Refused(code, message, retryAfter);
        scope.mailbox().post(this);
    }

    @Override
    public void admitted() {
        placeGranted = true;
        scope.mailbox().postLater(this);
    }

    @Override
    protected void run() {
        try {
            goOn();
        } catch (RuntimeException e) {
            LOG.error("event=call_fault id={}", head.id(), e);
            abort(FAULT);
            if (phase != Phase.ENDED && embedding == null) {
                end(); // no engine will ever say that it has ended
            }
        }
    }

    private void goOn() {
        ModelAnswer answer = modelAnswer;
        if (answer != null && phase == Phase.WAITING_FOR_MODEL) {
            modelAnswer = null;
            modelAnswered(answer);
        } else if (placeGranted && phase == Phase.WAITING_FOR_PLACE) {
            submit();
        } else {
            pump();
        }
    }

    private void modelAnswered(ModelAnswer answer) {
        switch (answer) {
            case ModelAnswer.Granted(Lease granted) -> {
                lease = granted;
                if (abandoned) {
                    end();
                } else if (placeHeld) {
                    submit();
                } else {
                    awaitPlace();
                }
            }
            case ModelAnswer.Refused(ErrorCode code, String message, Duration retryAfter) -> {
                if (abandoned) {
                    end();
                } else {
                    Reply.retryAfter(response, retryAfter);
                    turnAway(ApiError.of(code, message));
                }
            }
        }
    }

    private void awaitPlace() {
        lastEventNanos = scope.clock().nanoTime();
        switch (scope.admission().arrive(this)) {
            case ADMITTED -> submit();
            case QUEUED -> phase = Phase.WAITING_FOR_PLACE;
            case REJECTED ->
                turnAway(ApiError.of(
                        ErrorCode.QUEUE_FULL, "Too many requests at once and the queue is full; try again later."));
        }
    }

    private void submit() {
        placeHeld = true;
        Lease held = lease;
        if (abandoned || held == null) {
            end();
            return;
        }
        phase = Phase.COMPUTING;
        startNanos = scope.clock().nanoTime();
        lastEventNanos = startNanos;
        Reply.queueTime(response, startNanos - head.arrivalNanos());
        embedding = held.engine().embed(request, () -> scope.mailbox().post(this));
        pump();
    }

    /// Takes what the engine has. An engine may call back from within.
    private void pump() {
        if (embedding == null || pumping || phase != Phase.COMPUTING) {
            return;
        }
        pumping = true;
        EmbeddingEvent.Terminal end = null;
        try {
            end = takeEvents(embedding);
        } finally {
            pumping = false;
        }
        if (end != null) {
            settle(end);
        }
    }

    private EmbeddingEvent.@Nullable Terminal takeEvents(Embedding running) {
        for (EmbeddingEvent event = running.poll(); event != null; event = running.poll()) {
            lastEventNanos = scope.clock().nanoTime();
            switch (event) {
                case EmbeddingEvent.Started _ -> begun = true;
                case EmbeddingEvent.Vector(float[] values) -> vector(values);
                case EmbeddingEvent.Terminal terminal -> {
                    return terminal;
                }
            }
        }
        return null;
    }

    private void vector(float[] values) {
        begun = true;
        if (abandoned) {
            return;
        }
        if (memoryBytes == 0) {
            long wanted = (long) values.length * Float.BYTES * request.inputs().size();
            if (!scope.admission().answerMemory().take(wanted)) {
                abort(NO_MEMORY);
                return;
            }
            memoryBytes = wanted;
        }
        output.vector(values);
    }

    private void settle(EmbeddingEvent.Terminal terminal) {
        embedding = null;
        usage = terminal.usage();
        timings = terminal.timings();
        if (abandoned) {
            end();
            return;
        }
        switch (terminal) {
            case EmbeddingEvent.Finished finished -> answer(finished.usage());
            case EmbeddingEvent.Cancelled _ -> turnAway(FAULT); // nobody but us cancels, and we did not
            case EmbeddingEvent.Failed failed -> {
                if (failed.code() == ErrorCode.ENGINE_LOST && !begun && !triedTwice) {
                    tryAgain();
                } else {
                    turnAway(new ApiError(failed.code(), failed.message(), param(failed.code())));
                }
            }
        }
    }

    /// What an engine refuses of a request that was read is almost always one of the inputs.
    private static @Nullable String param(ErrorCode code) {
        boolean input = code == ErrorCode.CONTEXT_LENGTH_EXCEEDED || code == ErrorCode.INVALID_REQUEST;
        return input ? "input" : null;
    }

    /// The engine was lost before it began with this request, so nothing of it was its fault.
    private void tryAgain() {
        triedTwice = true;
        giveModelBack();
        awaitModel();
    }

    private void answer(Usage used) {
        phase = Phase.WRITING;
        status = 200;
        giveBack();
        lastEventNanos = scope.clock().nanoTime();
        output.begin(used.promptTokens(), lastEventNanos, this::write);
        write();
    }

    private void write() {
        if (phase != Phase.WRITING) {
            return;
        }
        lastEventNanos = scope.clock().nanoTime();
        if (output.write()) {
            repliedNanos = lastEventNanos;
            end();
        }
    }

    /// Tells the client why it gets nothing, and stops the engine.
    private void abort(ApiError reason) {
        if (phase == Phase.ENDED || abandoned) {
            return;
        }
        if (leavesQueue()) {
            turnAway(reason);
        } else if (response.headWritten()) {
            // Half an answer is worth nothing, and there is no other way to say that it will not become a whole one.
            abandon(reason.code(), Status.CLIENT_LEFT);
            response.reset();
        } else {
            abandon(reason.code(), output.failed(reason));
        }
    }

    private void abandon(ErrorCode code, int told) {
        if (phase == Phase.ENDED || abandoned) {
            return;
        }
        abandoned = true;
        error = code;
        status = told;
        repliedNanos = scope.clock().nanoTime();
        if (embedding != null) {
            embedding.cancel();
            pump();
        } else if (phase == Phase.WRITING || leavesQueue()) {
            end();
        }
        // Else model or place was granted at this moment: run() comes and gives it back.
    }

    /// True if this call waited for its model or its place, and now does not any more.
    private boolean leavesQueue() {
        return switch (phase) {
            case WAITING_FOR_MODEL -> scope.models().withdraw(this);
            case WAITING_FOR_PLACE -> scope.admission().leave(this);
            case COMPUTING, WRITING, ENDED -> false;
        };
    }

    private void turnAway(ApiError reason) {
        error = reason.code();
        repliedNanos = scope.clock().nanoTime();
        status = output.failed(reason);
        end();
    }

    private void giveBack() {
        giveModelBack();
        if (placeHeld) {
            placeHeld = false;
            scope.admission().release();
        }
    }

    private void giveModelBack() {
        if (lease != null) {
            lease.release();
            lease = null;
        }
    }

    private void end() {
        phase = Phase.ENDED;
        scope.deadlines().remove(this);
        giveBack();
        scope.admission().answerMemory().free(memoryBytes);
        memoryBytes = 0;
        long arrival = head.arrivalNanos();
        scope.sink()
                .ended(new CallSummary(
                        head.id(),
                        head.operation(),
                        head.model(),
                        false,
                        status,
                        error,
                        null,
                        usage,
                        timings,
                        startNanos == 0 ? repliedNanos - arrival : startNanos - arrival,
                        0,
                        repliedNanos - arrival));
    }

    @Override
    protected void checkDeadlines(long nowNanos) {
        if (abandoned) {
            return;
        }
        boolean over = nowNanos - head.arrivalNanos() > scope.limits().totalNanos();
        ApiError late = over
                ? ApiError.of(ErrorCode.TOTAL_TIMEOUT, "The answer took longer than the server allows.")
                : silentTooLong(nowNanos - lastEventNanos);
        if (late != null) {
            abort(late);
        }
    }

    private @Nullable ApiError silentTooLong(long silentNanos) {
        var limits = scope.limits();
        return switch (phase) {
            case WAITING_FOR_MODEL ->
                late(
                        silentNanos > limits.modelNanos(),
                        ErrorCode.MODEL_LOAD_TIMEOUT,
                        "The model was not ready in time; try again later.");
            case WAITING_FOR_PLACE ->
                late(
                        silentNanos > limits.queueNanos(),
                        ErrorCode.QUEUE_TIMEOUT,
                        "The request waited in the queue for too long; try again later.");
            case COMPUTING ->
                late(
                        silentNanos > limits.firstTokenNanos(),
                        ErrorCode.FIRST_TOKEN_TIMEOUT,
                        "There was no embedding in time.");
            case WRITING ->
                late(
                        silentNanos > limits.slowReaderNanos() && output.isFull(),
                        ErrorCode.SLOW_READER,
                        "The answer was not read in time.");
            case ENDED -> null;
        };
    }

    private static @Nullable ApiError late(boolean isLate, ErrorCode code, String message) {
        return isLate ? ApiError.of(code, message) : null;
    }

    @Override
    protected void shutDown() {
        abort(ApiError.of(ErrorCode.SERVER_SHUTDOWN, "The server is stopping; try again later."));
    }
}
