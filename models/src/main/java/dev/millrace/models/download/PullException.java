package dev.millrace.models.download;

import java.io.Serial;
import org.jspecify.annotations.Nullable;

/// A pull ends here: trying again at once would change nothing.
class PullException extends Exception {
    @Serial
    private static final long serialVersionUID = 1L;

    private final PullError error;

    /// @param message what went wrong and what to do, for people; holds no credentials and no signed addresses
    PullException(PullError error, String message) {
        this(error, message, null);
    }

    PullException(PullError error, String message, @Nullable Throwable cause) {
        super(message, cause);
        this.error = error;
    }

    PullError error() {
        return error;
    }

    String words() {
        return String.valueOf(getMessage());
    }
}
