package dev.millrace.models.lifecycle;

/// The part of a start that an engine reports itself, in this order. *Immutable.*
public enum LoadPhase {
    /// The engine or its process is being started.
    STARTING,
    /// Weights are being read.
    LOADING,
    /// First steps are made.
    WARMING
}
