package dev.millrace.engine;

import dev.millrace.core.id.RequestId;

/// What to generate; every default is already resolved. *Immutable.*
///
/// @param maxTokens most tokens to generate, 1 or more; [#REST_OF_CONTEXT] to go on until the context is full
/// @param repeatable whoever sends it again wants the very same answer: if nothing else runs it is computed from
///     scratch, for the same sums in another order are other numbers
public record GenerationRequest(
        RequestId id,
        Prompt prompt,
        int maxTokens,
        Stopping stopping,
        Sampling sampling,
        Share share,
        boolean repeatable) {
    /// As many tokens as fit behind the prompt.
    public static final int REST_OF_CONTEXT = Integer.MAX_VALUE;

    /// One whose answer may differ a little the next time.
    public GenerationRequest(
            RequestId id, Prompt prompt, int maxTokens, Stopping stopping, Sampling sampling, Share share) {
        this(id, prompt, maxTokens, stopping, sampling, share, false);
    }

    public GenerationRequest {
        if (maxTokens < 1) {
            throw new IllegalArgumentException("maxTokens: " + maxTokens + " (expected: >= 1)");
        }
    }
}
