package dev.millrace.engine.schedule;

/// The changes to the KV cache that a decision entails, applied at once and in order by the engine's backend.
public interface KvEffects {
    /// Makes the first `tokens` positions of `fromSlot` also those of the empty slot `toSlot`.
    void copyPrefix(int fromSlot, int toSlot, int tokens);

    /// Removes everything at `fromPosition` and behind from the slot; 0 empties it.
    void truncate(int slot, int fromPosition);
}
