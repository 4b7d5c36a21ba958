package dev.millrace.engine.batch;

import dev.millrace.core.error.ErrorCode;
import dev.millrace.core.time.NanoClock;
import dev.millrace.engine.Embedding;
import dev.millrace.engine.EmbeddingEvent;
import dev.millrace.engine.EmbeddingRequest;
import dev.millrace.engine.Engine;
import dev.millrace.engine.EngineStatus;
import dev.millrace.engine.FinishReason;
import dev.millrace.engine.Generation;
import dev.millrace.engine.GenerationEvent;
import dev.millrace.engine.GenerationRequest;
import dev.millrace.engine.ModelDescription;
import dev.millrace.engine.Timings;
import dev.millrace.engine.Usage;
import dev.millrace.engine.sample.SamplerScratch;
import dev.millrace.engine.sample.Samplers;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/// An engine that runs many sequences in one batch. *Thread-safe.*
///
/// One platform thread owns the backend and the [StepLoop] for the life of the model. Others reach it through a
/// queue of commands, a few per request and none per token; prompts are tokenised before, on the preparing
/// executor. Tokens come back through the ring of each [Generation].
public final class BatchEngine implements Engine {
    private static final String LOST = "the engine stopped while the request was in it; try again";
    private static final System.Logger LOG = System.getLogger(BatchEngine.class.getName());

    private final ModelBackend backend;
    private final NanoClock clock;
    private final Executor preparing;
    private final SamplerScratch scratch;
    private final EngineCounters counters = new EngineCounters();
    private final StepLoop loop;
    private final EmbeddingLoop embeddings;
    private final EmbeddingPreparation embeddingPreparation;
    private final ConcurrentLinkedQueue<Runnable> commands = new ConcurrentLinkedQueue<>();
    private final AtomicInteger inPreparation = new AtomicInteger();
    private final Thread thread;
    private final CompletableFuture<Void> stopped = new CompletableFuture<>();
    private final GenerationCommands toEngineThread = new ToEngineThread();
    private volatile boolean closing;

    private BatchEngine(
            BackendFactory.Loaded loaded, StepBudget budget, NanoClock clock, Executor preparing, Thread engineThread) {
        this.backend = loaded.backend();
        this.clock = clock;
        this.preparing = preparing;
        this.scratch = new SamplerScratch(backend.vocabulary().size());
        this.loop = new StepLoop(backend, budget, loaded.cost(), clock, counters);
        Embedder embedder = backend.embedder();
        this.embeddings = new EmbeddingLoop(embedder, budget, loaded.cost(), clock, counters);
        this.embeddingPreparation = new EmbeddingPreparation(
                backend.vocabulary(), embedder, backend.limits().contextTokens());
        this.thread = engineThread;
    }

    /// Starts the engine thread and loads the model on it.
    ///
    /// @param threads makes the one engine thread; a platform thread
    /// @param preparing runs tokenising and templating; may block for milliseconds
    /// @return the engine once it is loaded, or the failure of `factory`
    public static CompletableFuture<BatchEngine> start(
            BackendFactory factory, StepBudget budget, NanoClock clock, Executor preparing, ThreadFactory threads) {
        CompletableFuture<BatchEngine> started = new CompletableFuture<>();
        threads.newThread(() -> {
                    BatchEngine engine;
                    try {
                        engine = new BatchEngine(factory.load(), budget, clock, preparing, Thread.currentThread());
                    } catch (Exception | LinkageError e) {
                        started.completeExceptionally(e);
                        return;
                    }
                    if (started.complete(engine)) {
                        engine.run();
                    } else {
                        // Whoever asked for it gave up meanwhile.
                        engine.backend.close();
                    }
                })
                .start();
        return started;
    }

    @Override
    public ModelDescription model() {
        return backend.model();
    }

    @Override
    public EngineStatus status() {
        return counters.snapshot(backend.limits(), inPreparation.get());
    }

    @Override
    public Generation submit(GenerationRequest request, Runnable onAvailable) {
        BatchGeneration generation = new BatchGeneration(request.id(), toEngineThread, onAvailable);
        long arrivalNanos = clock.nanoTime();
        inPreparation.incrementAndGet();
        try {
            preparing.execute(() -> prepare(generation, request, arrivalNanos));
        } catch (RejectedExecutionException e) {
            inPreparation.decrementAndGet();
            refuse(generation, ErrorCode.ENGINE_LOST, LOST);
        }
        return generation;
    }

    @Override
    public Embedding embed(EmbeddingRequest request, Runnable onAvailable) {
        BatchEmbedding embedding =
                new BatchEmbedding(request.id(), clock.nanoTime(), this::cancelEmbedding, onAvailable);
        inPreparation.incrementAndGet();
        try {
            preparing.execute(() -> prepare(embedding, request));
        } catch (RejectedExecutionException e) {
            inPreparation.decrementAndGet();
            refuse(embedding, ErrorCode.ENGINE_LOST, LOST);
        }
        return embedding;
    }

    private void cancelEmbedding(BatchEmbedding embedding) {
        command(() -> embeddings.cancel(embedding));
    }

    @Override
    public void close() {
        closing = true;
        LockSupport.unpark(thread);
        if (!Thread.currentThread().equals(thread)) {
            stopped.join();
        }
    }

    private void prepare(BatchGeneration generation, GenerationRequest request, long arrivalNanos) {
        try {
            if (generation.isCancelled()) {
                generation
                        .outbox()
                        .end(new GenerationEvent.Finished(
                                FinishReason.CANCELLED,
                                null,
                                Usage.NONE,
                                new Timings(clock.nanoTime() - arrivalNanos, 0, 0)));
                return;
            }
            if (!backend.generates()) {
                throw new InvalidPromptException(
                        ErrorCode.UNSUPPORTED_VALUE, "this model makes embeddings and cannot generate text");
            }
            int[] prompt = backend.vocabulary().encode(request.prompt());
            int maxTokens = maxTokens(prompt.length, request.maxTokens());
            ActiveSequence sequence = new ActiveSequence(
                    generation, request, prompt, maxTokens, Samplers.of(request.sampling(), scratch), arrivalNanos);
            command(() -> loop.add(sequence));
        } catch (InvalidPromptException e) {
            refuse(generation, e.code(), String.valueOf(e.getMessage()));
        } catch (RuntimeException | Error e) {
            if (closing) {
                // The vocabulary goes with the model; whoever comes late is not our fault.
                refuse(generation, ErrorCode.ENGINE_LOST, LOST);
            } else {
                LOG.log(System.Logger.Level.ERROR, "event=prepare_failed request=" + request.id(), e);
                refuse(generation, ErrorCode.INTERNAL_ERROR, "the prompt could not be prepared");
            }
        } finally {
            inPreparation.decrementAndGet();
        }
    }

    private void prepare(BatchEmbedding embedding, EmbeddingRequest request) {
        try {
            EmbeddingWork work = new EmbeddingWork(embedding, embeddingPreparation.tokens(request));
            command(() -> embeddings.add(work));
        } catch (InvalidPromptException e) {
            refuse(embedding, e.code(), String.valueOf(e.getMessage()));
        } catch (RuntimeException | Error e) {
            if (closing) {
                refuse(embedding, ErrorCode.ENGINE_LOST, LOST);
            } else {
                LOG.log(System.Logger.Level.ERROR, "event=prepare_failed request=" + request.id(), e);
                refuse(embedding, ErrorCode.INTERNAL_ERROR, "the inputs could not be prepared");
            }
        } finally {
            inPreparation.decrementAndGet();
        }
    }

    private static void refuse(BatchEmbedding embedding, ErrorCode code, String message) {
        embedding.outbox().end(EmbeddingEvent.Failed.refused(code, message));
    }

    private int maxTokens(int promptTokens, int wanted) throws InvalidPromptException {
        int context = backend.limits().contextTokens();
        if (promptTokens >= context) {
            throw new InvalidPromptException(
                    ErrorCode.CONTEXT_LENGTH_EXCEEDED,
                    "the prompt has " + promptTokens + " tokens and the model's context holds " + context
                            + ": shorten the prompt, or serve the model with a larger engine.context");
        }
        if (wanted == GenerationRequest.REST_OF_CONTEXT) {
            return context - promptTokens;
        }
        if (wanted > context - promptTokens) {
            throw new InvalidPromptException(
                    ErrorCode.CONTEXT_LENGTH_EXCEEDED,
                    "the prompt has " + promptTokens + " tokens and max_tokens is " + wanted
                            + ", together more than the model's context of " + context
                            + ": lower max_tokens to " + (context - promptTokens) + " or shorten the prompt");
        }
        return wanted;
    }

    private static void refuse(BatchGeneration generation, ErrorCode code, String message) {
        generation.outbox().end(new GenerationEvent.Failed(code, message, Usage.NONE, Timings.NONE));
    }

    private void command(Runnable command) {
        commands.add(command);
        LockSupport.unpark(thread);
        if (stopped.isDone()) {
            // The engine thread may have drained the queue for the last time just before the add.
            drainAfterStop();
        }
    }

    // --- Engine thread

    private void run() {
        String reason = LOST;
        try {
            while (!closing) {
                runCommands();
                boolean stepped = loop.runStep();
                boolean embedded = embeddings.runDecode(stepped);
                if (!stepped && !embedded && commands.isEmpty() && !closing) {
                    LockSupport.park(this);
                }
            }
        } catch (RuntimeException | Error e) {
            LOG.log(
                    System.Logger.Level.ERROR,
                    "event=engine_lost model=" + backend.model().id(),
                    e);
        } finally {
            closing = true;
            stop(reason);
        }
    }

    private void runCommands() {
        for (Runnable command = commands.poll(); command != null; command = commands.poll()) {
            command.run();
        }
    }

    private void stop(String reason) {
        try {
            runCommands();
            loop.failAll(ErrorCode.ENGINE_LOST, reason);
            embeddings.failAll(ErrorCode.ENGINE_LOST, reason);
        } finally {
            backend.close();
            stopped.complete(null);
            drainAfterStop();
        }
    }

    /// Ends what was submitted after the end. Several threads may come here at once; the lock keeps the loop
    /// confined.
    private void drainAfterStop() {
        synchronized (stopped) {
            runCommands();
            loop.failAll(ErrorCode.ENGINE_LOST, LOST);
            embeddings.failAll(ErrorCode.ENGINE_LOST, LOST);
        }
    }

    private final class ToEngineThread implements GenerationCommands {
        @Override
        public void cancel(BatchGeneration generation) {
            command(() -> loop.cancel(generation));
            if (loop.isAlone(generation)) {
                backend.abortStep();
            }
        }

        @Override
        public void resume(BatchGeneration generation) {
            command(() -> loop.resume(generation));
        }
    }
}
