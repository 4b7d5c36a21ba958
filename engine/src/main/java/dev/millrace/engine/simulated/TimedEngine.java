package dev.millrace.engine.simulated;

import dev.millrace.core.id.ModelId;
import dev.millrace.core.time.NanoClock;
import dev.millrace.engine.Embedding;
import dev.millrace.engine.EmbeddingRequest;
import dev.millrace.engine.Engine;
import dev.millrace.engine.EngineStatus;
import dev.millrace.engine.Generation;
import dev.millrace.engine.GenerationEvent;
import dev.millrace.engine.GenerationRequest;
import dev.millrace.engine.ModelDescription;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/// Answers [#ANSWER_TOKENS] invented tokens, all at once after a delay or one after another. *Thread-safe.*
///
/// There is no scheduler, no slot and no queue: every request runs at once. What a measurement over it
/// shows is the cost of transport and serving.
public final class TimedEngine implements Engine {
    /// Tokens of an answer that `max_tokens` does not cut shorter.
    public static final int ANSWER_TOKENS = 50;

    /// Most tokens of prompt and answer.
    public static final int CONTEXT_TOKENS = 131_072;

    private static final GenerationEvent.Token[] ANSWER = answer();

    private final ModelDescription model;
    private final long delayNanos;
    private final boolean streaming;
    private final DelayScheduler timer;
    private final NanoClock clock;
    private final Set<TimedGeneration> running = ConcurrentHashMap.newKeySet();
    private final Set<TimedEmbedding> embeddings = ConcurrentHashMap.newKeySet();
    private final AtomicLong promptTokens = new AtomicLong();
    private final AtomicLong generatedTokens = new AtomicLong();
    private volatile boolean closed;

    private TimedEngine(ModelId id, long delayNanos, boolean streaming, DelayScheduler timer, NanoClock clock) {
        this.model = new ModelDescription(id, "simulated", CONTEXT_TOKENS, 0, 0, true);
        this.delayNanos = delayNanos;
        this.streaming = streaming;
        this.timer = timer;
        this.clock = clock;
    }

    /// The whole answer after `delayNanos`; 0 answers within [#submit].
    public static TimedEngine whole(ModelId id, long delayNanos, DelayScheduler timer, NanoClock clock) {
        return new TimedEngine(id, delayNanos, false, timer, clock);
    }

    /// A token every `gapNanos`, the first one after one gap.
    public static TimedEngine streaming(ModelId id, long gapNanos, DelayScheduler timer, NanoClock clock) {
        return new TimedEngine(id, gapNanos, true, timer, clock);
    }

    @Override
    public ModelDescription model() {
        return model;
    }

    @Override
    public EngineStatus status() {
        int active = running.size() + embeddings.size();
        EngineStatus.Counters counters =
                new EngineStatus.Counters(promptTokens.get(), 0, generatedTokens.get(), 0, 0, 0, 0);
        return new EngineStatus(Integer.MAX_VALUE, active, 0, 0, 0, 0, false, counters);
    }

    @Override
    public Generation submit(GenerationRequest request, Runnable onAvailable) {
        TimedGeneration generation = new TimedGeneration(this, request, onAvailable, clock.nanoTime());
        running.add(generation);
        generation.start();
        if (closed) {
            generation.lose();
        }
        return generation;
    }

    @Override
    public Embedding embed(EmbeddingRequest request, Runnable onAvailable) {
        TimedEmbedding embedding = new TimedEmbedding(this, request, onAvailable);
        embeddings.add(embedding);
        if (!closed) { // its timer could be faster than the look below
            embedding.start();
        }
        if (closed) {
            embedding.lose();
        }
        return embedding;
    }

    @Override
    public void close() {
        closed = true;
        running.forEach(TimedGeneration::lose);
        embeddings.forEach(TimedEmbedding::lose);
    }

    long delayNanos() {
        return delayNanos;
    }

    boolean isStreaming() {
        return streaming;
    }

    DelayScheduler timer() {
        return timer;
    }

    NanoClock clock() {
        return clock;
    }

    void ended(TimedGeneration generation, int prompt, int completion) {
        running.remove(generation);
        promptTokens.addAndGet(prompt);
        generatedTokens.addAndGet(completion);
    }

    void ended(TimedEmbedding embedding, int prompt) {
        embeddings.remove(embedding);
        promptTokens.addAndGet(prompt);
    }

    static GenerationEvent.Token token(int index) {
        return ANSWER[index];
    }

    private static GenerationEvent.Token[] answer() {
        GenerationEvent.Token[] tokens = new GenerationEvent.Token[ANSWER_TOKENS];
        for (int i = 0; i < tokens.length; i++) {
            int token = InventedWords.INSTANCE.word(i * 7L);
            tokens[i] = new GenerationEvent.Token(token, InventedWords.INSTANCE.text(token), null);
        }
        return tokens;
    }
}
