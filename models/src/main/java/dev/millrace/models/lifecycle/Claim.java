package dev.millrace.models.lifecycle;

import dev.millrace.core.error.ErrorCode;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// Told once whether a request got its model. Called by any thread, also by the one that asked, and never while
/// the pool holds a lock; must return quickly and not throw.
public interface Claim {
    /// The model is ready and stays until the lease is released.
    void granted(Lease lease);

    /// There is no model for this request.
    ///
    /// @param message a sentence for the caller
    /// @param retryAfter when asking again makes sense; `null` if it does not
    void refused(ErrorCode code, String message, @Nullable Duration retryAfter);
}
