package dev.millrace.worker;

/// What a worker is doing before its engine is ready.
public enum LoadPhase {
    /// The process starts and connects.
    STARTING,
    /// Weights come into memory; the fraction is the engine's own.
    LOADING,
    /// First steps, measured to plan by.
    WARMING
}
