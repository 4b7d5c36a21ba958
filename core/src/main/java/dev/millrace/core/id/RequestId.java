package dev.millrace.core.id;

import static java.util.Objects.requireNonNull;

/// One API call, from its arrival to its last byte: in logs, headers and events. *Immutable.*
///
/// @param value 1 to 128 characters, letters, digits, `-`, `_` and `.` only, so that it is safe in a log line and a
///     header
public record RequestId(String value) {
    /// Longest accepted id, in characters.
    public static final int MAX_LENGTH = 128;

    public RequestId {
        requireNonNull(value, "value");
        if (!isValid(value)) {
            throw new IllegalArgumentException("request id: not 1.." + MAX_LENGTH + " characters of [A-Za-z0-9._-]");
        }
    }

    /// True if `text` may be used as an id as it is.
    public static boolean isValid(String text) {
        if (text.isEmpty() || text.length() > MAX_LENGTH) {
            return false;
        }
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            boolean allowed = (c >= 'a' && c <= 'z')
                    || (c >= 'A' && c <= 'Z')
                    || (c >= '0' && c <= '9')
                    || c == '-'
                    || c == '_'
                    || c == '.';
            if (!allowed) {
                return false;
            }
        }
        return true;
    }

    @Override
    public String toString() {
        return value;
    }
}
