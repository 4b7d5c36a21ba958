package dev.millrace.engine.simulated;

/// Runs something later. The server brings one that stays on the event loop of the request, so that a simulated
/// answer costs no change of thread.
@FunctionalInterface
public interface DelayScheduler {
    /// Runs `task` once after `delayNanos`, on any thread.
    Cancellation schedule(long delayNanos, Runnable task);

    /// Takes a scheduled task back.
    @FunctionalInterface
    interface Cancellation {
        /// The task will not run, unless it is running or has run.
        void cancel();
    }
}
