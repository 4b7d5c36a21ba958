package dev.millrace.gateway.cache;

import static java.util.Objects.requireNonNull;

/// What may name a tenant, a model or a tag: text that is one line and has a UTF-8 form. Stateless.
final class Names {
    /// Longest name, in characters.
    static final int MAX_LENGTH = 256;

    private Names() {}

    /// @throws IllegalArgumentException if `name` is not 1..256 characters without control characters
    static String require(String name, String what) {
        requireNonNull(name, what);
        if (!isValid(name)) {
            throw new IllegalArgumentException(
                    what + ": " + name.length() + " characters (expected: 1.." + MAX_LENGTH + ", one clean line)");
        }
        return name;
    }

    static boolean isValid(String name) {
        return !name.isEmpty() && name.length() <= MAX_LENGTH && isCleanLine(name);
    }

    /// True if `text` has no control character and no half of a surrogate pair. The latter matters: Java encodes every
    /// one as `?`, so two tenants could share their keys.
    static boolean isCleanLine(String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (Character.isISOControl(c)) {
                return false;
            }
            if (Character.isSurrogate(c)) {
                if (Character.isLowSurrogate(c)
                        || i + 1 == text.length()
                        || !Character.isLowSurrogate(text.charAt(i + 1))) {
                    return false;
                }
                i++;
            }
        }
        return true;
    }
}
