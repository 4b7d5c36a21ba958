package dev.millrace.gateway.cache;

import static java.util.Objects.requireNonNull;

import java.util.Optional;

/// What one instance tells the others about answers that are no longer valid. *Immutable.*
///
/// As text it is one line, `mri1 SENDER NUMBER KIND NAME`, for example `mri1 7f3a 42 tag prices of today`; the name is
/// the rest of the line.
///
/// @param sender the instance since its start: 1 to 64 characters of `A-Z a-z 0-9 . _ -`, new with each start
/// @param number 1 for its first message, and one more for each that follows
/// @param what is no longer valid
public record InvalidationMessage(String sender, long number, Invalidation what) {
    /// Longest text, in characters.
    public static final int MAX_LENGTH = 512;

    private static final String FORMAT = "mri1";
    private static final int MAX_SENDER_LENGTH = 64;

    public InvalidationMessage {
        if (!isSender(sender)) {
            throw new IllegalArgumentException(
                    "sender: expected 1.." + MAX_SENDER_LENGTH + " characters of [A-Za-z0-9._-]");
        }
        if (number < 1) {
            throw new IllegalArgumentException("number: " + number + " (expected: at least 1)");
        }
        requireNonNull(what, "what");
    }

    /// The message as text.
    public String text() {
        String rest = switch (what) {
            case Invalidation.Key(CacheKey key) -> "key " + key.hex();
            case Invalidation.Model(String name) -> "model " + name;
            case Invalidation.Tag(String name) -> "tag " + name;
            case Invalidation.Tenant(String name) -> "tenant " + name;
            case Invalidation.All() -> "all ";
        };
        return FORMAT + " " + sender + " " + number + " " + rest;
    }

    /// Reads a text.
    ///
    /// @return empty if it is anything but what [#text()] writes, whoever wrote it
    public static Optional<InvalidationMessage> parse(String text) {
        if (text.length() > MAX_LENGTH) {
            return Optional.empty();
        }
        String[] parts = text.split(" ", 5);
        if (parts.length < 5 || !parts[0].equals(FORMAT) || !isSender(parts[1]) || !isNumber(parts[2])) {
            return Optional.empty();
        }
        return what(parts[3], parts[4]).map(what -> new InvalidationMessage(parts[1], Long.parseLong(parts[2]), what));
    }

    private static Optional<Invalidation> what(String kind, String name) {
        if (kind.equals("key")) {
            return CacheKey.parse(name).map(Invalidation.Key::new);
        }
        if (kind.equals("all")) {
            return name.isEmpty() ? Optional.of(new Invalidation.All()) : Optional.empty();
        }
        if (!Names.isValid(name)) {
            return Optional.empty();
        }
        return switch (kind) {
            case "model" -> Optional.of(new Invalidation.Model(name));
            case "tag" -> Optional.of(new Invalidation.Tag(name));
            case "tenant" -> Optional.of(new Invalidation.Tenant(name));
            default -> Optional.empty();
        };
    }

    private static boolean isSender(String text) {
        return !text.isEmpty()
                && text.length() <= MAX_SENDER_LENGTH
                && text.chars()
                        .allMatch(c -> (c >= 'a' && c <= 'z')
                                || (c >= 'A' && c <= 'Z')
                                || isDigit(c)
                                || c == '.'
                                || c == '_'
                                || c == '-');
    }

    /// True for 1 to 18 digits without a zero in front, all of which fit.
    private static boolean isNumber(String text) {
        return !text.isEmpty()
                && text.length() <= 18
                && text.charAt(0) != '0'
                && text.chars().allMatch(InvalidationMessage::isDigit);
    }

    private static boolean isDigit(int c) {
        return c >= '0' && c <= '9';
    }
}
