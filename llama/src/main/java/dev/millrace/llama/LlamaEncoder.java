package dev.millrace.llama;

import dev.millrace.core.time.NanoClock;
import dev.millrace.engine.ModelDescription;
import dev.millrace.engine.batch.Embedder;
import dev.millrace.engine.batch.ModelBackend;
import dev.millrace.engine.batch.StepBatch;
import dev.millrace.engine.batch.Vocabulary;
import dev.millrace.engine.sample.TokenSampler;
import dev.millrace.llama.ProgressListener.Phase;
import dev.millrace.llama.ffm.LlamaException;
import dev.millrace.llama.ffm.LlamaLibrary;
import dev.millrace.llama.ffm.LlamaModel;
import dev.millrace.llama.ffm.LoadCancelledException;
import java.time.Clock;
import org.jspecify.annotations.Nullable;

/// A GGUF model on llama.cpp that reads text and cannot go on with it: BERT and its kin. There is no context for steps,
/// only one for embeddings. *Confined to the engine thread*, except what [ModelBackend] says.
final class LlamaEncoder implements ModelBackend {
    private final LlamaModel model;
    private final LlamaVocabulary vocabulary;
    private final LlamaEmbedder embedder;
    private final ModelDescription description;
    private final Limits limits;

    private LlamaEncoder(
            LlamaModel model, LlamaVocabulary vocabulary, LlamaEmbedder embedder, ModelDescription description) {
        this.model = model;
        this.vocabulary = vocabulary;
        this.embedder = embedder;
        this.description = description;
        int context = description.contextTokens();
        this.limits = new Limits(context, context, 1, 1, context);
    }

    /// Loads a model whose files were checked, on the thread that alone will use it.
    ///
    /// @throws ModelLoadException if it cannot be served
    /// @throws LoadCancelledException if `progress` ended it
    static LlamaEncoder loadChecked(
            LlamaOptions options, ProgressListener progress, Cores cores, NanoClock nanos, Clock wall)
            throws ModelLoadException {
        LlamaModel model = null;
        LlamaEmbedder embedder = null;
        try {
            LlamaLibrary library = LlamaLibrary.open(options.natives());
            model = LlamaBackend.weights(library, options, progress);
            report(progress, 0);
            LlamaVocabulary vocabulary = LlamaVocabulary.of(model, wall, nanos);
            int context = context(options, model.facts().trainedContext());
            int threads = options.threads() == LlamaOptions.AUTO ? PhysicalCores.available() : options.threads();
            embedder = new LlamaEmbedder(model, context, false, cores, () -> threads);
            report(progress, 0.5f);
            if (!embedder.open(() -> {})) {
                throw new LlamaException("no memory for " + context + " tokens of embeddings; the log says more");
            }
            report(progress, 1);
            return new LlamaEncoder(model, vocabulary, embedder, describe(options, library, model, context));
        } catch (LoadCancelledException e) {
            close(embedder, model);
            throw e;
        } catch (LlamaException e) {
            close(embedder, model);
            throw new ModelLoadException(String.valueOf(e.getMessage()), e);
        }
    }

    private static void report(ProgressListener progress, float fraction) {
        if (!progress.progressed(Phase.WARMING_UP, fraction)) {
            throw new LoadCancelledException();
        }
    }

    /// Positions that the model was not trained for have no weights in these kinds: not a larger context than that.
    private static int context(LlamaOptions options, int trained) {
        int most = Math.min(trained > 0 ? trained : Integer.MAX_VALUE, LlamaEmbedder.MOST_WHOLE_TOKENS);
        return options.contextTokens() == LlamaOptions.AUTO ? most : Math.min(options.contextTokens(), most);
    }

    private static ModelDescription describe(
            LlamaOptions options, LlamaLibrary library, LlamaModel model, int context) {
        return new ModelDescription(
                options.id(),
                library.source().description(),
                context,
                model.facts().parameters(),
                model.facts().sizeBytes(),
                false);
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

    @Override
    public boolean generates() {
        return false;
    }

    @Override
    public Embedder embedder() {
        return embedder;
    }

    @Override
    public StepResult decode(StepBatch batch) {
        throw noSteps();
    }

    @Override
    public int sample(int batchIndex, TokenSampler sampler) {
        throw noSteps();
    }

    @Override
    public void copyPrefix(int fromSlot, int toSlot, int tokens) {
        throw noSteps();
    }

    @Override
    public void truncate(int slot, int fromPosition) {
        throw noSteps();
    }

    private static IllegalStateException noSteps() {
        return new IllegalStateException("a step of a model that makes embeddings only");
    }

    @Override
    public void abortStep() {
        // There are none.
    }

    @Override
    public void close() {
        close(embedder, model);
    }

    private static void close(@Nullable LlamaEmbedder embedder, @Nullable LlamaModel model) {
        if (embedder != null) {
            embedder.close();
        }
        if (model != null) {
            model.close();
        }
    }
}
