package dev.millrace.llama;

import dev.millrace.core.time.NanoClock;
import dev.millrace.engine.ModelDescription;
import dev.millrace.engine.batch.Embedder;
import dev.millrace.engine.batch.ModelBackend;
import dev.millrace.engine.batch.PrefillLane;
import dev.millrace.engine.batch.StepBatch;
import dev.millrace.engine.batch.Vocabulary;
import dev.millrace.engine.sample.TokenSampler;
import dev.millrace.llama.KvSizing.Sizes;
import dev.millrace.llama.ProgressListener.Phase;
import dev.millrace.llama.ffm.ContextSettings;
import dev.millrace.llama.ffm.DecodeResult;
import dev.millrace.llama.ffm.LlamaContext;
import dev.millrace.llama.ffm.LlamaException;
import dev.millrace.llama.ffm.LlamaLibrary;
import dev.millrace.llama.ffm.LlamaModel;
import dev.millrace.llama.ffm.LoadCancelledException;
import dev.millrace.llama.natives.NativeAbi;
import java.lang.management.ManagementFactory;
import java.time.Clock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A GGUF model on llama.cpp.
///
/// Everything native happens on one platform thread, the one that calls [#load] and then [#decode]: a second thread
/// that ever ran a step would halve the speed of some builds, whose thread pools belong to the thread that started
/// them. Builds that start their threads anew each time have a [LlamaLane], which runs while the first waits.
/// [#decode] and [#sample] allocate nothing, neither here nor in the C heap.
public final class LlamaBackend implements ModelBackend {
    private static final Logger LOG = LoggerFactory.getLogger(LlamaBackend.class);
    private static final int KV_SHARE_OF_MEMORY = 4;

    private final LlamaModel model;
    private final LlamaContext context;
    private final @Nullable LlamaLane lane;
    private final LlamaVocabulary vocabulary;
    private final ModelDescription description;
    private final Limits limits;
    private final MeasuredCost cost;
    private final float[] logits;
    private final NanoClock clock;
    private final ThreadGovernor governor;
    private final boolean governed;
    private final Cores cores;
    private final LlamaEmbedder embedder;
    private int threads;

    private LlamaBackend(
            LlamaModel model,
            LlamaContext context,
            @Nullable LlamaLane lane,
            LlamaVocabulary vocabulary,
            ModelDescription description,
            Limits limits,
            MeasuredCost cost,
            boolean governed,
            Cores cores,
            NanoClock clock) {
        this.model = model;
        this.context = context;
        this.lane = lane;
        this.vocabulary = vocabulary;
        this.description = description;
        this.limits = limits;
        this.cost = cost;
        this.logits = new float[vocabulary.size()];
        this.clock = clock;
        this.governor = new ThreadGovernor(cost, PhysicalCores.available());
        this.governed = governed;
        this.cores = cores;
        this.threads = cost.threads();
        this.embedder = new LlamaEmbedder(model, limits.contextTokens(), !limits.canCut(), cores, this::wantedThreads);
    }

    /// Loads a model on the calling thread, which from then on is the only one that may use it.
    ///
    /// @param cores who may compute; each step takes some
    /// @param nanos times the first steps and the rendering of templates
    /// @param wall what chat templates take for the date
    /// @throws ModelLoadException if the file cannot be served
    /// @throws LoadCancelledException if `progress` ended it
    public static LlamaBackend load(
            LlamaOptions options, ProgressListener progress, Cores cores, NanoClock nanos, Clock wall)
            throws ModelLoadException {
        if (Thread.currentThread().isVirtual()) {
            throw new IllegalStateException("load: on a virtual thread (expected: the engine's platform thread)");
        }
        ModelFiles.check(options.file());
        return loadChecked(options, progress, cores, nanos, wall);
    }

    /// Loads a model whose files were checked.
    static LlamaBackend loadChecked(
            LlamaOptions options, ProgressListener progress, Cores cores, NanoClock nanos, Clock wall)
            throws ModelLoadException {
        try {
            LlamaLibrary library = LlamaLibrary.open(options.natives());
            LlamaModel model = weights(library, options, progress);
            return new Loading(options, progress, cores, nanos, wall, library).backend(model);
        } catch (LoadCancelledException e) {
            throw e;
        } catch (LlamaException e) {
            throw new ModelLoadException(String.valueOf(e.getMessage()), e);
        }
    }

    /// The weights of a model whose files were checked.
    static LlamaModel weights(LlamaLibrary library, LlamaOptions options, ProgressListener progress) {
        return LlamaModel.load(
                library,
                options.file().toAbsolutePath(),
                new LlamaModel.Settings(options.gpuLayers(), options.mapped()),
                fraction -> progress.progressed(Phase.LOADING, fraction));
    }

    @Override
    public ModelDescription model() {
        return description;
    }

    @Override
    public Limits limits() {
        return limits;
    }

    @Override
    public Vocabulary vocabulary() {
        return vocabulary;
    }

    /// What steps cost, measured while loading. *Thread-safe.*
    public MeasuredCost cost() {
        return cost;
    }

    @Override
    public StepResult decode(StepBatch batch) {
        context.clearBatch();
        int outputs = 0;
        for (int i = 0; i < batch.size(); i++) {
            context.add(batch.token(i), batch.position(i), batch.slot(i), batch.output(i));
            outputs += batch.output(i) ? 1 : 0;
        }
        DecodeResult result = decodeOnCores(outputs == batch.size() ? outputs : 0);
        return switch (result) {
            case OK -> StepResult.OK;
            case ABORTED -> StepResult.ABORTED;
            case NO_ROOM -> StepResult.KV_FULL;
            case FAILED -> StepResult.FAILED;
        };
    }

    /// @param sequences how many decode if that is all that is done, else 0
    private DecodeResult decodeOnCores(int sequences) {
        int wanted = wantedThreads();
        int got = cores.take(1, wanted);
        try {
            use(got);
            long start = clock.nanoTime();
            DecodeResult result = context.decode();
            if (governed && got == wanted && result == DecodeResult.OK && sequences > 0) {
                governor.observe(sequences, clock.nanoTime() - start);
            }
            return result;
        } finally {
            cores.leave();
        }
    }

    private int wantedThreads() {
        return governed ? governor.threads() : cost.threads();
    }

    private void use(int count) {
        if (count != threads) {
            LOG.debug("event=threads_changed from={} to={}", threads, count);
            threads = count;
            context.threads(count);
            if (lane != null) {
                lane.threads(count);
            }
        }
    }

    @Override
    public int sample(int batchIndex, TokenSampler sampler) {
        context.logits(batchIndex, logits);
        return sampler.choose(logits);
    }

    @Override
    public void copyPrefix(int fromSlot, int toSlot, int tokens) {
        context.copySequence(fromSlot, toSlot, tokens);
    }

    @Override
    public void truncate(int slot, int fromPosition) {
        if (!context.removeFrom(slot, fromPosition)) {
            throw new LlamaException("a sequence of this model cannot be cut at " + fromPosition);
        }
        if (lane != null) {
            lane.truncated(slot, fromPosition);
        }
    }

    @Override
    public @Nullable PrefillLane lane() {
        return lane;
    }

    @Override
    public Embedder embedder() {
        return embedder;
    }

    @Override
    public void abortStep() {
        // b4916 leaves the state of an aborted recurrent sequence in a way that ends the process at its next step.
        if (limits.canCut()) {
            context.abort();
        }
    }

    @Override
    public void close() {
        if (lane != null) {
            lane.close();
        }
        embedder.close();
        context.close();
        model.close();
    }

    /// The steps from weights in memory to a backend.
    private record Loading(
            LlamaOptions options,
            ProgressListener progress,
            Cores cores,
            NanoClock nanos,
            Clock wall,
            LlamaLibrary library) {
        LlamaBackend backend(LlamaModel model) {
            LlamaContext context = null;
            LlamaLane lane = null;
            try {
                report(0);
                LlamaVocabulary vocabulary = LlamaVocabulary.of(model, wall, nanos);
                report(0.3f);
                Sizes sizes = sizes(model.facts());
                Limits sizing = limits(sizes);
                boolean laned = sizes.laneCells() > 0 && sizing.slots() < library.maxSequences();
                context = new LlamaContext(
                        model,
                        new ContextSettings(
                                sizing.kvCells(), sizing.batchTokens(), sizing.slots(), firstThreads(), laned));
                Limits limits = sizing.withCuts(CutTrial.works(context, vocabulary.plainToken()));
                report(0.5f);
                MeasuredCost cost = measure(context, limits, vocabulary);
                report(0.8f);
                if (laned && limits.canCut()) {
                    lane = LaneTrial.openIfItWorks(
                            model,
                            context,
                            new ContextSettings(sizes.laneCells(), limits.batchTokens(), 1, cost.threads(), true),
                            vocabulary.plainToken(),
                            cores,
                            nanos);
                }
                report(1);
                boolean governed = options.threads() == LlamaOptions.AUTO;
                return new LlamaBackend(
                        model,
                        context,
                        lane,
                        vocabulary,
                        describe(model, limits),
                        limits,
                        cost,
                        governed,
                        cores,
                        nanos);
            } catch (RuntimeException | Error e) {
                if (lane != null) {
                    lane.close();
                }
                if (context != null) {
                    context.close();
                }
                model.close();
                throw e;
            }
        }

        private void report(float fraction) {
            if (!progress.progressed(Phase.WARMING_UP, fraction)) {
                throw new LoadCancelledException();
            }
        }

        private int firstThreads() {
            return options.threads() == LlamaOptions.AUTO ? 1 : options.threads();
        }

        private Sizes sizes(LlamaModel.Facts facts) {
            Sizes sizes = KvSizing.choose(
                    options, facts.trainedContext(), facts.kvBytesPerToken(), totalMemory() / KV_SHARE_OF_MEMORY);
            // In b4916 a second thread that runs steps halves the speed of the first.
            boolean canLane = library.source().abi() == NativeAbi.V0_5_0;
            return canLane ? sizes : new Sizes(sizes.contextTokens(), sizes.kvCells(), 0);
        }

        private Limits limits(Sizes sizes) {
            int running = Math.min(options.runningSlots(), library.maxSequences());
            int slots = Math.min(running + options.reuseSlots(), library.maxSequences());
            int batchTokens = Math.max(running, Math.min(options.batchTokens(), sizes.kvCells()));
            return new Limits(sizes.contextTokens(), sizes.kvCells(), slots, running, batchTokens);
        }

        private static long totalMemory() {
            return ManagementFactory.getOperatingSystemMXBean() instanceof com.sun.management.OperatingSystemMXBean os
                    ? os.getTotalMemorySize()
                    : Runtime.getRuntime().maxMemory();
        }

        private MeasuredCost measure(LlamaContext context, Limits limits, LlamaVocabulary vocabulary) {
            StepProbe probe =
                    new StepProbe(context, cores, nanos, vocabulary.plainToken(), limits.slots(), limits.batchTokens());
            MeasuredCost cost = options.threads() == LlamaOptions.AUTO
                    ? probe.best(PhysicalCores.available())
                    : probe.with(options.threads());
            LOG.info(
                    "event=model_warm threads={} step_us={} decode_token_us={} prefill_tokens_per_s={}",
                    cost.threads(),
                    cost.baseStepNanos() / 1000,
                    cost.decodeTokenNanos() / 1000,
                    Math.round(cost.prefillTokensPerSecond()));
            return cost;
        }

        private ModelDescription describe(LlamaModel model, Limits limits) {
            return new ModelDescription(
                    options.id(),
                    library.source().description(),
                    limits.contextTokens(),
                    model.facts().parameters(),
                    model.facts().sizeBytes(),
                    false);
        }
    }
}
