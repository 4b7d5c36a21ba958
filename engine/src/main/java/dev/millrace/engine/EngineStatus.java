package dev.millrace.engine;

/// A snapshot of an engine's accounts. *Immutable.*
///
/// @param slots most sequences at once
/// @param runningSequences sequences that hold a slot
/// @param waitingSequences accepted, without a slot
/// @param kvCells capacity of the KV cache in tokens
/// @param kvCellsUsed cells held by running sequences and by the prefix cache
/// @param kvCellsCached of these, held only for reuse
/// @param computing there is work that could be done now; an engine that is computing and whose
///     [Counters#turns] stand still hangs
/// @param counters totals since the start
public record EngineStatus(
        int slots,
        int runningSequences,
        int waitingSequences,
        int kvCells,
        int kvCellsUsed,
        int kvCellsCached,
        boolean computing,
        Counters counters) {
    /// Nothing running, nothing counted.
    public static final EngineStatus IDLE = new EngineStatus(0, 0, 0, 0, 0, 0, false, Counters.ZERO);

    /// Totals since the engine started; each only grows.
    ///
    /// @param promptTokens prompt tokens of accepted requests
    /// @param cachedTokens of these, taken from the prefix cache
    /// @param generatedTokens tokens generated
    /// @param steps forward passes
    /// @param preemptions sequences that lost their KV and were recomputed
    /// @param pausesForSlowReaders times a sequence was paused because its consumer did not keep up
    /// @param turns rounds in which something was computed, be it a slice of a long prompt
    public record Counters(
            long promptTokens,
            long cachedTokens,
            long generatedTokens,
            long steps,
            long preemptions,
            long pausesForSlowReaders,
            long turns) {
        /// The start.
        public static final Counters ZERO = new Counters(0, 0, 0, 0, 0, 0, 0);
    }
}
