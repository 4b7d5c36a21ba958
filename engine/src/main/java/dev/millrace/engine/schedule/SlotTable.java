package dev.millrace.engine.schedule;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What each KV sequence holds, and the index of equal prefixes over them. *Confined to the engine thread.*
///
/// Finding the longest equal prefix compares token arrays directly: a comparison ends at the first difference,
/// there are at most a few hundred slots, and the arrays are there anyway; a tree would cost more than it saves.
final class SlotTable<S extends Sequence> {
    /// What is in a slot.
    private sealed interface Content<S extends Sequence> {
        record Free<S extends Sequence>() implements Content<S> {}

        record Running<S extends Sequence>(S sequence) implements Content<S> {}

        /// @param computed tokens in the KV, the first of `tokens`
        @SuppressWarnings("ArrayRecordComponent") // handed over by the finished sequence, never changed again
        record Kept<S extends Sequence>(int[] tokens, int computed, long lastUse) implements Content<S> {}
    }

    /// The longest prefix of a sequence that some slot holds.
    ///
    /// @param slot [Sequence#NO_SLOT] if there is none
    record Match(int slot, int tokens) {
        static final Match NONE = new Match(Sequence.NO_SLOT, 0);
    }

    private final List<Content<S>> contents;
    private final boolean canCut;
    private long uses;

    /// @param canCut parts of what a slot holds can be used; else only all of what a kept one holds
    SlotTable(int slots, boolean canCut) {
        this.canCut = canCut;
        contents = new ArrayList<>(slots);
        for (int i = 0; i < slots; i++) {
            contents.add(new Content.Free<>());
        }
    }

    int size() {
        return contents.size();
    }

    void run(int slot, S sequence) {
        contents.set(slot, new Content.Running<>(sequence));
    }

    void keep(int slot, S sequence) {
        contents.set(slot, new Content.Kept<>(sequence.tokens(), sequence.computed, uses++));
    }

    void free(int slot) {
        contents.set(slot, new Content.Free<>());
    }

    boolean isKept(int slot) {
        return contents.get(slot) instanceof Content.Kept<S>;
    }

    @Nullable
    S runner(int slot) {
        return contents.get(slot) instanceof Content.Running<S>(S sequence) ? sequence : null;
    }

    int keptTokens(int slot) {
        return contents.get(slot) instanceof Content.Kept<S> kept ? kept.computed() : 0;
    }

    /// The longest reusable prefix. At least one token is left to compute: sampling needs its logits, and the cache
    /// stores only K and V.
    Match longestMatch(S sequence) {
        Match best = Match.NONE;
        for (int slot = 0; slot < contents.size(); slot++) {
            int common = computedInCommon(sequence, slot);
            int reusable = Math.min(common, sequence.known() - 1);
            if (reusable > best.tokens() && (canCut || reusable == keptTokens(slot))) {
                best = new Match(slot, reusable);
            }
        }
        return best;
    }

    private int computedInCommon(S sequence, int slot) {
        return switch (contents.get(slot)) {
            case Content.Free<S>() -> 0;
            case Content.Running<S>(S other) -> sequence.commonPrefix(other.tokens(), other.computed);
            case Content.Kept<S> kept -> sequence.commonPrefix(kept.tokens(), kept.computed());
        };
    }

    /// The longest prefix a running sequence will have computed soon: it is known there, not computed yet.
    int longestComing(S sequence) {
        int longest = 0;
        for (int slot = 0; canCut && slot < contents.size(); slot++) {
            if (contents.get(slot) instanceof Content.Running<S>(S other) && !other.paused) {
                longest = Math.max(longest, sequence.commonPrefix(other.tokens(), other.known()));
            }
        }
        return Math.min(longest, sequence.known() - 1);
    }

    /// Marks a kept prefix as just used.
    void touch(int slot) {
        if (contents.get(slot) instanceof Content.Kept<S> kept) {
            contents.set(slot, new Content.Kept<>(kept.tokens(), kept.computed(), uses++));
        }
    }

    /// A slot that holds nothing, or [Sequence#NO_SLOT].
    int firstFree() {
        for (int slot = 0; slot < contents.size(); slot++) {
            if (contents.get(slot) instanceof Content.Free<S>) {
                return slot;
            }
        }
        return Sequence.NO_SLOT;
    }

    /// The kept slot that was used longest ago, other than `except`, or [Sequence#NO_SLOT].
    int leastRecentlyKept(int except) {
        int oldest = Sequence.NO_SLOT;
        long oldestUse = Long.MAX_VALUE;
        for (int slot = 0; slot < contents.size(); slot++) {
            if (slot != except && contents.get(slot) instanceof Content.Kept<S> kept && kept.lastUse() < oldestUse) {
                oldest = slot;
                oldestUse = kept.lastUse();
            }
        }
        return oldest;
    }
}
