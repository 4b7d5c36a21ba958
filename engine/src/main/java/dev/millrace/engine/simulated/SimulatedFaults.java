package dev.millrace.engine.simulated;

import java.time.Duration;

/// What goes wrong, by step number counted from 1, so that every run is the same. 0 = never. *Immutable.*
///
/// @param failAtStep this forward pass fails and the engine is lost
/// @param stallEverySteps every so many steps one takes `stall` longer
/// @param fullEverySteps every so many steps the KV cache claims to be full
public record SimulatedFaults(long failAtStep, long stallEverySteps, Duration stall, long fullEverySteps) {
    /// Nothing goes wrong.
    public static final SimulatedFaults NONE = new SimulatedFaults(0, 0, Duration.ZERO, 0);
}
