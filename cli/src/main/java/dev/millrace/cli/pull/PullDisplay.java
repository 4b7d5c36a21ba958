package dev.millrace.cli.pull;

import dev.millrace.models.download.PullOutcome;
import dev.millrace.models.download.PullProgress;

/// Shows a pull. *Confined to one thread.*
interface PullDisplay extends AutoCloseable {
    /// How far it is.
    void progress(PullProgress progress);

    /// How it ended.
    void outcome(PullOutcome outcome);

    /// Removes what was only for the moment.
    @Override
    void close();
}
