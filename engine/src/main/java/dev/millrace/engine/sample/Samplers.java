package dev.millrace.engine.sample;

import dev.millrace.engine.Sampling;

/// Makes [TokenSampler]s.
///
/// ```java
/// var scratch = new SamplerScratch(vocabulary.size()); // one for the engine thread
/// TokenSampler sampler = Samplers.of(request.sampling(), scratch); // one per sequence
/// ```
public final class Samplers {
    private Samplers() {}

    /// A sampler for one sequence that shares `scratch` with all others of the same thread.
    public static TokenSampler of(Sampling sampling, SamplerScratch scratch) {
        return new ChainSampler(sampling, scratch);
    }

    /// A sampler with scratch memory of its own: convenient, and 12 to 24 bytes per token of the vocabulary.
    public static TokenSampler of(Sampling sampling, int vocabularySize) {
        return of(sampling, new SamplerScratch(vocabularySize));
    }
}
