package dev.millrace.server.loop;

import dev.millrace.engine.simulated.DelayScheduler;
import io.netty.util.concurrent.ScheduledFuture;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.internal.ContextInternal;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/// Delays on the event loop of whoever asks, so that a simulated answer costs no change of thread; a caller that is
/// on no event loop gets the given executor. *Thread-safe.*
public final class LoopDelays implements DelayScheduler {
    private final ScheduledExecutorService elsewhere;

    /// @param elsewhere for callers that are on no event loop
    public LoopDelays(ScheduledExecutorService elsewhere) {
        this.elsewhere = elsewhere;
    }

    @Override
    public Cancellation schedule(long delayNanos, Runnable task) {
        Context context = Vertx.currentContext();
        if (context instanceof ContextInternal internal && context.isEventLoopContext()) {
            ScheduledFuture<?> timer = internal.nettyEventLoop()
                    .schedule(() -> internal.dispatch(ignored -> task.run()), delayNanos, TimeUnit.NANOSECONDS);
            return () -> timer.cancel(false);
        }
        var timer = elsewhere.schedule(task, delayNanos, TimeUnit.NANOSECONDS);
        return () -> timer.cancel(false);
    }
}
