package dev.millrace.engine.schedule;

import java.util.ArrayList;

/// What one step computes: for each entry a sequence and a range of its known tokens. Reused from step to step.
/// *Confined to the engine thread.*
///
/// @param <S> the engine's kind of sequence
public final class StepPlan<S extends Sequence> {
    private final ArrayList<S> sequences;
    private final int[] counts;
    private int decodeTokens;
    private int prefillTokens;
    private long attendedTokens;

    StepPlan(int capacity) {
        sequences = new ArrayList<>(capacity);
        counts = new int[capacity];
    }

    /// Number of entries.
    public int size() {
        return sequences.size();
    }

    /// The sequence of an entry.
    public S sequence(int entry) {
        return sequences.get(entry);
    }

    /// First position to compute: the sequence's [Sequence#computed].
    public int from(int entry) {
        return sequences.get(entry).computed;
    }

    /// Tokens to compute, 1 or more.
    public int count(int entry) {
        return counts[entry];
    }

    /// True if the entry reaches the last known token, so that the next one is sampled.
    public boolean samples(int entry) {
        S sequence = sequences.get(entry);
        return sequence.computed + counts[entry] == sequence.known();
    }

    /// Sequences that decode in this step.
    public int decodeTokens() {
        return decodeTokens;
    }

    /// Prompt tokens in this step.
    public int prefillTokens() {
        return prefillTokens;
    }

    /// Sum over all tokens of the positions they attend to.
    public long attendedTokens() {
        return attendedTokens;
    }

    /// Tokens of the step.
    public int totalTokens() {
        return decodeTokens + prefillTokens;
    }

    /// Tokens planned for a sequence; 0 if it is not in the step.
    public int tokensOf(S sequence) {
        int entry = sequences.indexOf(sequence);
        return entry < 0 ? 0 : counts[entry];
    }

    void clear() {
        sequences.clear();
        decodeTokens = 0;
        prefillTokens = 0;
        attendedTokens = 0;
    }

    void addDecode(S sequence) {
        add(sequence, 1);
        decodeTokens++;
    }

    void addPrefill(S sequence, int count) {
        add(sequence, count);
        prefillTokens += count;
    }

    private void add(S sequence, int count) {
        counts[sequences.size()] = count;
        sequences.add(sequence);
        attendedTokens += (long) count * (sequence.computed + count / 2);
    }
}
