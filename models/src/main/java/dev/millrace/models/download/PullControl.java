package dev.millrace.models.download;

/// Stops a pull from another thread. Stopping keeps what was transferred: pulling again goes on from there, so this is
/// also
/// how a pull is paused. *Thread-safe.*
public final class PullControl {
    private final StopSignal signal = new StopSignal();

    /// Ends the pull that this was given to, within moments.
    public void cancel() {
        signal.stop();
    }

    /// True once cancelled.
    public boolean isCancelled() {
        return signal.isStopped();
    }

    StopSignal signal() {
        return signal;
    }
}
