package dev.millrace.llama;

/// What steps cost on this machine with this model, measured while loading. *Immutable.*
///
/// @param threads the number of threads it was measured with and steps run with
/// @param baseStepNanos a step of one token
/// @param decodeTokenNanos each further sequence that decodes in the same step, up to four
/// @param prefillTokenNanos each token of a prompt in a chunk
public record MeasuredCost(int threads, long baseStepNanos, long decodeTokenNanos, long prefillTokenNanos) {
    /// Prompt tokens per second.
    public double prefillTokensPerSecond() {
        return 1e9 / Math.max(1, prefillTokenNanos);
    }
}
