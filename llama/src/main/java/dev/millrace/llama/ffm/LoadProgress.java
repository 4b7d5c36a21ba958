package dev.millrace.llama.ffm;

/// Follows the loading of a model, and can end it.
@FunctionalInterface
public interface LoadProgress {
    /// Ignores the progress.
    LoadProgress IGNORED = fraction -> true;

    /// Called by the loading thread.
    ///
    /// @param fraction 0..1, never falling
    /// @return false to end the load
    boolean loaded(float fraction);
}
