package dev.millrace.engine.simulated;

import dev.millrace.core.error.ErrorCode;
import dev.millrace.core.id.RequestId;
import dev.millrace.engine.FinishReason;
import dev.millrace.engine.Generation;
import dev.millrace.engine.GenerationEvent;
import dev.millrace.engine.GenerationEvent.Terminal;
import dev.millrace.engine.GenerationRequest;
import dev.millrace.engine.Timings;
import dev.millrace.engine.Usage;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/// One answer of a [TimedEngine]: a counter that a timer moves and a consumer follows. *Thread-safe* as
/// [Generation] says.
final class TimedGeneration implements Generation {
    private final TimedEngine engine;
    private final RequestId id;
    private final Runnable onAvailable;
    private final long startNanos;
    private final int promptTokens;
    private final int answerTokens;
    private final FinishReason reason;
    private final AtomicReference<@Nullable Terminal> terminal = new AtomicReference<>();
    private final AtomicBoolean asleep = new AtomicBoolean(true);
    private volatile int available;
    private volatile long firstTokenNanos;
    private volatile DelayScheduler.@Nullable Cancellation timer;
    private boolean queuedSeen;
    private boolean ended;
    private int consumed;

    TimedGeneration(TimedEngine engine, GenerationRequest request, Runnable onAvailable, long startNanos) {
        this.engine = engine;
        this.id = request.id();
        this.onAvailable = onAvailable;
        this.startNanos = startNanos;
        this.promptTokens = InventedWords.INSTANCE.encode(request.prompt()).length;
        this.answerTokens = Math.min(request.maxTokens(), TimedEngine.ANSWER_TOKENS);
        this.reason = request.maxTokens() < TimedEngine.ANSWER_TOKENS ? FinishReason.LENGTH : FinishReason.STOP;
    }

    void start() {
        if (promptTokens >= TimedEngine.CONTEXT_TOKENS) {
            end(new GenerationEvent.Failed(
                    ErrorCode.CONTEXT_LENGTH_EXCEEDED,
                    "the prompt has " + promptTokens + " tokens and the model's context holds "
                            + TimedEngine.CONTEXT_TOKENS + ": shorten the prompt",
                    Usage.NONE,
                    Timings.NONE));
        } else if (engine.delayNanos() == 0) {
            advance();
        } else {
            timer = engine.timer().schedule(engine.delayNanos(), this::advance);
        }
    }

    private void advance() {
        if (terminal.get() != null) {
            return;
        }
        long nowNanos = engine.clock().nanoTime();
        if (available == 0) {
            firstTokenNanos = nowNanos;
        }
        int next = engine.isStreaming() ? available + 1 : answerTokens;
        available = next;
        if (next == answerTokens) {
            end(new GenerationEvent.Finished(reason, null, usage(next), timings(nowNanos)));
        } else {
            timer = engine.timer().schedule(engine.delayNanos(), this::advance);
            wake();
        }
    }

    @Override
    public void cancel() {
        int produced = available;
        end(new GenerationEvent.Finished(
                FinishReason.CANCELLED,
                null,
                usage(produced),
                timings(engine.clock().nanoTime())));
    }

    void lose() {
        int produced = available;
        end(new GenerationEvent.Failed(
                ErrorCode.ENGINE_LOST,
                "the engine stopped while the request was in it; try again",
                usage(produced),
                timings(engine.clock().nanoTime())));
    }

    private void end(Terminal event) {
        if (terminal.compareAndSet(null, event)) {
            DelayScheduler.Cancellation pending = timer;
            if (pending != null) {
                pending.cancel();
            }
            engine.ended(this, event.usage().promptTokens(), event.usage().completionTokens());
            wake();
        }
    }

    private Usage usage(int produced) {
        return new Usage(promptTokens, 0, produced);
    }

    private Timings timings(long nowNanos) {
        if (available == 0) {
            return new Timings(0, nowNanos - startNanos, 0);
        }
        return new Timings(0, firstTokenNanos - startNanos, nowNanos - firstTokenNanos);
    }

    private void wake() {
        if (asleep.get() && asleep.compareAndSet(true, false)) {
            onAvailable.run();
        }
    }

    @Override
    public RequestId id() {
        return id;
    }

    @Override
    public @Nullable GenerationEvent poll() {
        GenerationEvent event = next();
        if (event == null && !ended) {
            asleep.set(true);
            event = next();
            if (event != null) {
                asleep.set(false);
            }
        }
        return event;
    }

    private @Nullable GenerationEvent next() {
        if (ended) {
            return null;
        }
        Terminal last = terminal.get();
        boolean refused = last instanceof GenerationEvent.Failed && promptTokens >= TimedEngine.CONTEXT_TOKENS;
        if (!queuedSeen && !refused) {
            queuedSeen = true;
            return new GenerationEvent.Queued(0, promptTokens);
        }
        if (consumed < available && (last == null || consumed < last.usage().completionTokens())) {
            return TimedEngine.token(consumed++);
        }
        ended = last != null;
        return last;
    }
}
