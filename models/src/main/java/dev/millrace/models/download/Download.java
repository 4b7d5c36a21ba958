package dev.millrace.models.download;

import org.jspecify.annotations.Nullable;

/// One pull of [Downloads] at one moment. *Immutable.*
///
/// @param reference what was asked for; what it is known by
/// @param outcome absent while it runs
public record Download(
        String reference, PullProgress progress, @Nullable PullOutcome outcome) {
    /// True until it has ended.
    public boolean isRunning() {
        return outcome == null;
    }

    /// True if it ended without a model and could go on.
    public boolean isLeftOver() {
        return outcome instanceof PullOutcome.Cancelled || outcome instanceof PullOutcome.Failed;
    }
}
