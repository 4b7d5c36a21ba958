package dev.millrace.engine.schedule;

import java.util.ArrayList;
import java.util.List;

/// A KV cache that remembers which token lies at each position of each slot, so that a wrong share, a gap or a
/// stale cell shows as a wrong token. Keeps of the real one: positions must follow each other, copies go into empty
/// slots only.
final class FakeKv implements KvEffects {
    private final List<List<Integer>> tokensOf = new ArrayList<>();
    private final boolean canCut;

    FakeKv(int slots, boolean canCut) {
        this.canCut = canCut;
        for (int i = 0; i < slots; i++) {
            tokensOf.add(new ArrayList<>());
        }
    }

    @Override
    public void copyPrefix(int fromSlot, int toSlot, int tokens) {
        if (!canCut) {
            throw new IllegalStateException("copy of a part of slot " + fromSlot);
        }
        if (!tokensOf.get(toSlot).isEmpty()) {
            throw new IllegalStateException("copy into slot " + toSlot + " that is not empty");
        }
        tokensOf.get(toSlot).addAll(tokensOf.get(fromSlot).subList(0, tokens));
    }

    @Override
    public void truncate(int slot, int fromPosition) {
        List<Integer> tokens = tokensOf.get(slot);
        if (!canCut && fromPosition > 0 && fromPosition < tokens.size()) {
            throw new IllegalStateException("cut of slot " + slot + " at " + fromPosition + " of " + tokens.size());
        }
        if (fromPosition < tokens.size()) {
            tokens.subList(fromPosition, tokens.size()).clear();
        }
    }

    void compute(int slot, int position, int token) {
        List<Integer> tokens = tokensOf.get(slot);
        if (tokens.size() != position) {
            throw new IllegalStateException(
                    "position " + position + " in slot " + slot + " (expected: " + tokens.size() + ")");
        }
        tokens.add(token);
    }

    /// What a deterministic model would say behind everything in the slot.
    int nextToken(int slot) {
        return nextToken(tokensOf.get(slot));
    }

    static int nextToken(List<Integer> context) {
        return Math.floorMod(context.hashCode() * 31 + 17, 1000);
    }
}
