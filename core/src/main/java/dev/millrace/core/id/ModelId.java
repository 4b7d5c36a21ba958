package dev.millrace.core.id;

import static java.util.Objects.requireNonNull;

/// The public name of a model, as clients send it in `model`. *Immutable.*
///
/// @param value 1 to 200 printable ASCII characters without blanks, for example `millrace-demo` or `simulated/5ms`
public record ModelId(String value) {
    /// Longest accepted name, in characters.
    public static final int MAX_LENGTH = 200;

    public ModelId {
        requireNonNull(value, "value");
        if (!isValid(value)) {
            throw new IllegalArgumentException("model name: not 1.." + MAX_LENGTH + " printable ASCII characters");
        }
    }

    /// True if `text` may name a model: printable ASCII, no blanks, no control characters.
    public static boolean isValid(String text) {
        return !text.isEmpty() && text.length() <= MAX_LENGTH && text.chars().allMatch(c -> c > ' ' && c < 0x7f);
    }

    @Override
    public String toString() {
        return value;
    }
}
