package dev.millrace.models.download;

import org.jspecify.annotations.Nullable;

/// One pull of [Downloads] at one moment. *Immutable.*
///
/// @param reference what was asked for; what it is known by
/// @param outcome absent while it runs
public record Download(
        String reference, PullProgress progress, @Nullable PullOutcome outcome) {
    private static final int FAULTS_OF_OTHERS = 500;

    /// True until it has ended.
    public boolean isRunning() {
        return outcome == null;
    }

    /// True if it ended without a model, and not because what was asked for was refused before a byte of it
    /// came: there is something to go on with, or to be told later.
    public boolean isLeftOver() {
        return switch (outcome) {
            case PullOutcome.Failed(PullError error, String _) ->
                progress.bytes() > 0 || error.status() >= FAULTS_OF_OTHERS;
            case PullOutcome.Cancelled _ -> true;
            case PullOutcome.Pulled _, PullOutcome.AlreadyThere _ -> false;
            case null -> false;
        };
    }

    /// True if it ended without a model.
    public boolean isFailed() {
        return outcome instanceof PullOutcome.Failed || outcome instanceof PullOutcome.Cancelled;
    }
}
