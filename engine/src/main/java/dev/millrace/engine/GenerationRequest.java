package dev.millrace.engine;

import dev.millrace.core.id.RequestId;

/// What to generate; every default is already resolved. *Immutable.*
///
/// @param maxTokens most tokens to generate, 1 or more; [#REST_OF_CONTEXT] to go on until the context is full
public record GenerationRequest(
        RequestId id, Prompt prompt, int maxTokens, Stopping stopping, Sampling sampling, Share share) {
    /// As many tokens as fit behind the prompt.
    public static final int REST_OF_CONTEXT = Integer.MAX_VALUE;

    public GenerationRequest {
        if (maxTokens < 1) {
            throw new IllegalArgumentException("maxTokens: " + maxTokens + " (expected: >= 1)");
        }
    }
}
