package dev.millrace.engine.batch;

import dev.millrace.engine.Timings;
import dev.millrace.engine.Usage;
import java.util.ArrayDeque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The inputs of one embedding request that are still to be computed. *Confined to the engine thread.*
final class EmbeddingWork {
    private static final long NOT_YET = Long.MIN_VALUE;

    private final BatchEmbedding embedding;
    private final ArrayDeque<int[]> inputs;
    private final int promptTokens;
    private final int indexOfLongest;
    private final int longest;
    private int undelivered;
    private long startedNanos = NOT_YET;

    EmbeddingWork(BatchEmbedding embedding, List<int[]> inputs) {
        this.embedding = embedding;
        this.inputs = new ArrayDeque<>(inputs);
        this.undelivered = inputs.size();
        int index = 0;
        for (int i = 1; i < inputs.size(); i++) {
            index = inputs.get(i).length > inputs.get(index).length ? i : index;
        }
        this.indexOfLongest = index;
        this.longest = inputs.get(index).length;
        this.promptTokens = inputs.stream().mapToInt(input -> input.length).sum();
    }

    BatchEmbedding embedding() {
        return embedding;
    }

    int promptTokens() {
        return promptTokens;
    }

    /// Tokens of the longest input.
    int longest() {
        return longest;
    }

    int indexOfLongest() {
        return indexOfLongest;
    }

    /// The next input, if one is left.
    int @Nullable [] peek() {
        return inputs.peekFirst();
    }

    /// Takes the next input out.
    void remove() {
        inputs.removeFirst();
    }

    /// Counts a vector that was handed over.
    ///
    /// @return true if it was the last
    boolean delivered() {
        return --undelivered == 0;
    }

    boolean isStarted() {
        return startedNanos != NOT_YET;
    }

    void started(long nowNanos) {
        startedNanos = nowNanos;
    }

    Usage usage() {
        return new Usage(promptTokens, 0, 0);
    }

    Timings timings(long nowNanos) {
        return isStarted()
                ? new Timings(startedNanos - embedding.arrivalNanos(), nowNanos - startedNanos, 0)
                : new Timings(nowNanos - embedding.arrivalNanos(), 0, 0);
    }
}
