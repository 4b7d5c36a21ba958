package dev.millrace.worker;

/// Told how far loading is. Called by any one thread at a time; must return quickly.
@FunctionalInterface
public interface LoadListener {
    /// @param fraction of this phase, 0..1, never less than before within it
    void at(LoadPhase phase, float fraction);
}
