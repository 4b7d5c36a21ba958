package dev.millrace.engine;

/// Tokens of one request. *Immutable.*
///
/// @param promptTokens tokens of the templated prompt
/// @param cachedTokens of these, taken from the prefix cache instead of computed
/// @param completionTokens generated tokens, an end-of-generation token included
public record Usage(int promptTokens, int cachedTokens, int completionTokens) {
    /// Nothing used: the request was refused.
    public static final Usage NONE = new Usage(0, 0, 0);
}
