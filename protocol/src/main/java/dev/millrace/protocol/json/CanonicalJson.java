package dev.millrace.protocol.json;

/// The one form of a JSON object: two texts have the same bytes here exactly if they say the same. *Immutable.*
///
/// Members are sorted by name as RFC 8785 sorts them (by UTF-16 code unit), white space is gone, and strings are
/// escaped as there. Numbers are not written as there, because RFC 8785 takes them through `double`: here they keep
/// every digit, as a whole number without trailing zeros and a power of ten (`0.70` is `7e-1`, `1200` is `12e2`, `-0`
/// is `0`). The order of arrays, and members that nobody knows, are kept.
///
/// ```java
/// switch (CanonicalJson.of(body)) {
///     case CanonicalJson.Form form -> CacheKey.of(scope, form.bytes());
///     case CanonicalJson.Refused refused -> …
/// }
/// ```
public sealed interface CanonicalJson {
    /// Largest power of ten beside the digits of a number.
    int MAX_EXPONENT = 9_999;

    /// Brings a text into its form; bad input is a refusal, never an exception.
    ///
    /// @param json UTF-8, read only
    static CanonicalJson of(byte[] json) {
        return Canonicalizer.canonicalize(json);
    }

    /// The text's one form.
    final class Form implements CanonicalJson {
        private final byte[] bytes;

        Form(byte[] bytes) {
            this.bytes = bytes;
        }

        /// UTF-8; not a copy, and not to be changed.
        public byte[] bytes() {
            return bytes;
        }
    }

    /// The text has no form.
    record Refused(Reason reason) implements CanonicalJson {}

    /// Why a text has no form.
    enum Reason {
        /// Not UTF-8 text without byte order mark and NUL, or an escape that is half of a surrogate pair.
        NOT_TEXT,
        /// Not JSON, or something follows it.
        MALFORMED,
        /// JSON, but not an object.
        NOT_AN_OBJECT,
        /// A member's name appears twice, so it has no one value.
        DUPLICATE_NAME,
        /// Deeper than [StrictJson#MAX_DEPTH], a name above its limit, or a number that is too long in its text or in
        /// its form, or whose power of ten is above [#MAX_EXPONENT].
        OVER_LIMIT
    }
}
