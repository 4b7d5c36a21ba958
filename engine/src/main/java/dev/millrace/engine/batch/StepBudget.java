package dev.millrace.engine.batch;

import java.time.Duration;

/// How long a step should take. *Immutable.*
///
/// @param decoding while anything decodes: the gap between two tokens that a long prompt may cause elsewhere
/// @param alone while only prompts are computed: how long a newcomer may have to wait for its first turn
public record StepBudget(Duration decoding, Duration alone) {
    /// 100 ms and 500 ms.
    public static final StepBudget DEFAULT = new StepBudget(Duration.ofMillis(100), Duration.ofMillis(500));
}
