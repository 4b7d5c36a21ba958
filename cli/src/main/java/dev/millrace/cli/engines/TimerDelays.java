package dev.millrace.cli.engines;

import dev.millrace.engine.simulated.DelayScheduler;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/// Delays on one thread, for processes without event loops. *Thread-safe.*
public final class TimerDelays implements DelayScheduler {
    private final ScheduledExecutorService timer = newTimer();

    /// A thread for timers that starts with the first of them and never holds up the end of the process.
    static ScheduledExecutorService newTimer() {
        return Executors.newSingleThreadScheduledExecutor(
                Thread.ofPlatform().daemon().name("simulated-timer").factory());
    }

    @Override
    public Cancellation schedule(long delayNanos, Runnable task) {
        var scheduled = timer.schedule(task, delayNanos, TimeUnit.NANOSECONDS);
        return () -> scheduled.cancel(false);
    }
}
