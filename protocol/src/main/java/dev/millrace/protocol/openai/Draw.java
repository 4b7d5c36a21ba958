package dev.millrace.protocol.openai;

/// What a request says of chance, as it says it, before any default. *Immutable.*
///
/// @param temperature as given
/// @param seeded it gives a seed
/// @param choices answers that it asks for, all prompts together; at least 1
public record Draw(Given temperature, boolean seeded, int choices) {
    /// A request that says nothing.
    public static final Draw UNSAID = new Draw(Given.NOT, false, 1);

    /// What is given.
    public enum Given {
        /// Nothing, or nothing that is a number.
        NOT,
        /// Zero.
        ZERO,
        /// Another number.
        OTHER
    }
}
