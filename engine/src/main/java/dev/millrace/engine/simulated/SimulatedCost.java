package dev.millrace.engine.simulated;

import dev.millrace.engine.schedule.StepCost;
import java.time.Duration;

/// What a simulated step takes: `stepBase + stepPerSequence x decoding sequences + prompt tokens / prefill rate`.
/// *Immutable.*
///
/// @param prefillTokensPerSecond above 0
public record SimulatedCost(Duration stepBase, Duration stepPerSequence, double prefillTokensPerSecond) {
    /// Near a 1 B model on two cores: 20 ms a step, 1 ms a sequence, 500 prompt tokens a second.
    public static final SimulatedCost SMALL_MACHINE =
            new SimulatedCost(Duration.ofMillis(20), Duration.ofMillis(1), 500);

    long nanos(int decodeTokens, int prefillTokens) {
        return stepBase.toNanos()
                + stepPerSequence.toNanos() * decodeTokens
                + (long) (prefillTokens * 1e9 / prefillTokensPerSecond);
    }

    /// The same as the scheduler's model of it, so that a simulation starts with a measured machine.
    public StepCost asMeasured() {
        return new StepCost(stepBase.toNanos(), stepPerSequence.toNanos(), 1e9 / prefillTokensPerSecond, 0, 1);
    }
}
