package dev.millrace.models.download;

import java.util.Locale;

/// Why a model could not be pulled. The lower-case name is the code for programs.
public enum PullError {
    /// The reference is none, or names nothing that there is one of.
    INVALID_REFERENCE(400),
    /// The source has no such model or file.
    NOT_FOUND(404),
    /// The source wants a token, another token, or terms to be accepted.
    UNAUTHORIZED(401),
    /// The host, scheme, port or address is not one that may be spoken to.
    FORBIDDEN_ADDRESS(403),
    /// More bytes than allowed, or than were announced.
    TOO_LARGE(413),
    /// The bytes are not those that were asked for.
    DIGEST_MISMATCH(502),
    /// The disk has no room.
    INSUFFICIENT_STORAGE(507),
    /// The disk failed.
    STORAGE_FAILED(500),
    /// Nothing, or next to nothing, came for too long, several times.
    STALLED(504),
    /// Cancelled; what was transferred is kept.
    INTERRUPTED(499),
    /// The source failed, or speaks in a way that is not understood.
    UPSTREAM_ERROR(502),
    /// What was transferred is not a model that can be loaded.
    INVALID_MODEL(422);

    private final int status;

    PullError(int status) {
        this.status = status;
    }

    /// The HTTP status that fits.
    public int status() {
        return status;
    }

    /// The name for programs, for example `digest_mismatch`.
    public String wireName() {
        return name().toLowerCase(Locale.ROOT);
    }
}
