package dev.millrace.models.download;

import java.util.Locale;

/// Where a pull is.
public enum PullPhase {
    /// Asking the source what there is.
    RESOLVING,
    /// Another pull of the same thing is running; its progress is shown.
    WAITING,
    /// Comparing what is needed with what the disk has.
    CHECKING_SPACE,
    /// Bytes are coming.
    DOWNLOADING,
    /// Reading back what is on the disk.
    VERIFYING,
    /// The model is there.
    DONE,
    /// It is not, and will not be.
    FAILED,
    /// Stopped on request; what was transferred is kept.
    CANCELLED;

    /// The name for programs, for example `checking_space`.
    public String wireName() {
        return name().toLowerCase(Locale.ROOT);
    }
}
