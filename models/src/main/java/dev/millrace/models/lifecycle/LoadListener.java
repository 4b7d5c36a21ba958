package dev.millrace.models.lifecycle;

/// Told how far a start is. Callable from any thread; must return quickly and not throw.
@FunctionalInterface
public interface LoadListener {
    /// The start is in this phase and this part of it is done.
    ///
    /// @param fraction from 0 to 1, within the phase
    void at(LoadPhase phase, float fraction);
}
