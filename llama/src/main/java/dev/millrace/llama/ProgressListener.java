package dev.millrace.llama;

/// Follows the loading of a model, and can end it. Called by the loading thread.
@FunctionalInterface
public interface ProgressListener {
    /// Ignores the progress.
    ProgressListener IGNORED = (phase, fraction) -> true;

    /// @param fraction of this phase, 0..1, never falling
    /// @return false to end the load with a [dev.millrace.llama.ffm.LoadCancelledException]
    boolean progressed(Phase phase, float fraction);

    /// What is being done.
    enum Phase {
        /// Reading the weights.
        LOADING,
        /// Reading the vocabulary, and first steps to measure this machine.
        WARMING_UP
    }
}
