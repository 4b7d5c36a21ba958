package dev.millrace.models.download;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/// Stops a pull from another thread. Stopping keeps what was transferred: pulling again goes on from there, so this is
/// also how a pull is paused; [Puller#discard] then throws it away. *Thread-safe.*
public final class PullControl {
    private final StopSignal signal = new StopSignal();
    private volatile @Nullable Path partial;

    /// Ends the pull that this was given to, within moments.
    public void cancel() {
        signal.stop();
    }

    /// True once cancelled.
    public boolean isCancelled() {
        return signal.isStopped();
    }

    /// Where what was transferred lies; `null` as long as nothing was.
    @Nullable
    Path partial() {
        return partial;
    }

    void partial(Path directory) {
        partial = directory;
    }

    StopSignal signal() {
        return signal;
    }
}
