package dev.millrace.engine.batch;

/// Computes prompt tokens beside the steps, in slices of time between them. *Confined to the engine thread.*
///
/// A forward pass over a long prompt takes many times longer than the gap between two tokens that a reader bears. A
/// lane puts such a pass aside in the middle, lets the steps of those who decode run, and goes on with it.
public interface PrefillLane {
    /// Most tokens of a sequence whose prompt it can compute.
    int contextTokens();

    /// Begins a chunk; only while none is begun.
    ///
    /// @param chunk tokens of one slot, without outputs, that follow those in the slot's KV; no more than fit a
    ///     step; read until the chunk is over
    void begin(StepBatch chunk);

    /// Computes for about `nanos`. On [Progress#DONE] the chunk is in the slot's KV, as if a step had computed it; on
    /// anything but [Progress#RUNNING] it is over.
    Progress advance(long nanos);

    /// Gives up the chunk that was begun, if any; the slot's KV is as it was before.
    void cancel();

    /// How far a chunk is.
    enum Progress {
        /// Not at its end yet.
        RUNNING,
        /// Computed.
        DONE,
        /// No room in the KV cache: the scheduler's account and the backend's disagree.
        KV_FULL,
        /// Anything else; the engine stops.
        FAILED
    }
}
