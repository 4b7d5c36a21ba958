package dev.millrace.llama.ffm;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BOOLEAN;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import dev.millrace.llama.natives.NativeAbi;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/// The weights and the vocabulary of one GGUF file. Loaded and closed by one thread; [#vocab] may be used by any.
public final class LlamaModel implements AutoCloseable {
    private static final long MAX_TEMPLATE_BYTES = 1 << 20;
    private static final int METADATA_BYTES = 128;

    private final LlamaLibrary library;
    private final MemorySegment model;
    private final Facts facts;
    private final LlamaVocab vocab;
    private final AtomicInteger contexts = new AtomicInteger();
    private boolean closed;

    /// @param description for people: architecture, size, quantisation
    /// @param trainedContext tokens of context it was trained with
    /// @param kvBytesPerToken memory of one cell of the KV cache in 16-bit numbers, estimated from the shape
    /// @param chatTemplate Jinja source, `null` if the file has none
    public record Facts(
            String description,
            long parameters,
            long sizeBytes,
            int trainedContext,
            long kvBytesPerToken,
            @Nullable String chatTemplate) {}

    /// @param gpuLayers layers to put on a GPU, 0 = none
    /// @param mapped map the file instead of reading it
    public record Settings(int gpuLayers, boolean mapped) {}

    private LlamaModel(LlamaLibrary library, MemorySegment model) {
        this.library = library;
        this.model = model;
        library.created();
        try {
            this.facts = readFacts(library.models(), model);
            this.vocab = new LlamaVocab(library.vocabs(), library.models().llama_model_get_vocab(model));
            if (vocab.size() == 0) {
                // Tokenising with it would end the process.
                throw new LlamaException("the model has no vocabulary: it cannot generate text");
            }
        } catch (RuntimeException | Error e) {
            library.models().llama_model_free(model);
            library.freed();
            throw e;
        }
    }

    /// Loads a file.
    ///
    /// @throws LoadCancelledException if `progress` ended it
    /// @throws LlamaException if llama.cpp cannot load the file
    public static LlamaModel load(LlamaLibrary library, Path file, Settings settings, LoadProgress progress) {
        try (Arena arena = Arena.ofConfined()) {
            ProgressUpcall upcall = new ProgressUpcall(progress);
            MemorySegment params = library.models().llama_model_default_params(arena);
            StructTable table = library.abi().modelParams();
            params.set(ADDRESS, table.offset("progress_callback"), upcall.stub(arena));
            params.set(JAVA_INT, table.offset("n_gpu_layers"), settings.gpuLayers());
            if (!settings.mapped()) {
                disableMapping(params, table);
            }
            MemorySegment model =
                    library.models().llama_model_load_from_file(arena.allocateFrom(file.toString()), params);
            if (model.address() == 0) {
                throw upcall.failure(file);
            }
            return new LlamaModel(library, model);
        }
    }

    private static void disableMapping(MemorySegment params, StructTable table) {
        if (table.fields().containsKey("load_mode")) {
            params.set(JAVA_INT, table.offset("load_mode"), 0);
        } else {
            params.set(JAVA_BOOLEAN, table.offset("use_mmap"), false);
        }
    }

    private static Facts readFacts(ModelFunctions functions, MemorySegment model) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment text = arena.allocate(256);
            functions.llama_model_desc(model, text, 256);
            MemorySegment template = functions.llama_model_chat_template(model, MemorySegment.NULL);
            return new Facts(
                    text.getString(0),
                    functions.llama_model_n_params(model),
                    functions.llama_model_size(model),
                    functions.llama_model_n_ctx_train(model),
                    kvBytesPerToken(functions, model),
                    template.address() == 0
                            ? null
                            : template.reinterpret(MAX_TEMPLATE_BYTES).getString(0));
        }
    }

    private static long kvBytesPerToken(ModelFunctions functions, MemorySegment model) {
        long heads = Math.max(1, functions.llama_model_n_head(model));
        long width = functions.llama_model_n_embd(model) / heads * functions.llama_model_n_head_kv(model);
        long keyAndValue = 2;
        return keyAndValue * Short.BYTES * width * functions.llama_model_n_layer(model);
    }

    /// What the file says of itself.
    public Facts facts() {
        return facts;
    }

    /// Numbers in the vector of a token.
    public int vectorSize() {
        return library.models().llama_model_n_embd_out(model);
    }

    /// What the file says of its own architecture under a key such as `pooling_type`; whole numbers and truths as text.
    public Optional<String> ofArchitecture(String key) {
        return metadata("general.architecture").flatMap(architecture -> metadata(architecture + "." + key));
    }

    private Optional<String> metadata(String key) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment value = arena.allocate(METADATA_BYTES);
            int length =
                    library.models().llama_model_meta_val_str(model, arena.allocateFrom(key), value, METADATA_BYTES);
            return length < 0 ? Optional.empty() : Optional.of(value.getString(0));
        }
    }

    /// Its vocabulary; usable until the model is closed.
    public LlamaVocab vocab() {
        return vocab;
    }

    /// The build it runs on.
    public NativeAbi abi() {
        return library.source().abi();
    }

    /// Most sequences of a context.
    public int maxSequences() {
        return library.maxSequences();
    }

    LlamaLibrary library() {
        return library;
    }

    MemorySegment segment() {
        return model;
    }

    void contextOpened() {
        contexts.incrementAndGet();
    }

    void contextClosed() {
        contexts.decrementAndGet();
    }

    /// Frees the weights. Idempotent.
    ///
    /// @throws IllegalStateException if a context still uses them
    @Override
    public void close() {
        if (closed) {
            return;
        }
        if (contexts.get() != 0) {
            throw new IllegalStateException("open contexts: " + contexts + " (expected: 0)");
        }
        closed = true;
        vocab.close();
        library.models().llama_model_free(model);
        library.freed();
    }

    /// The C callback. Confined to the loading thread.
    private static final class ProgressUpcall {
        private final LoadProgress progress;
        private boolean cancelled;
        private @Nullable Throwable thrown;

        ProgressUpcall(LoadProgress progress) {
            this.progress = progress;
        }

        MemorySegment stub(Arena arena) {
            try {
                MethodHandle target = MethodHandles.lookup()
                        .bind(this, "loaded", MethodType.methodType(boolean.class, float.class, MemorySegment.class));
                return Linker.nativeLinker()
                        .upcallStub(target, FunctionDescriptor.of(JAVA_BOOLEAN, JAVA_FLOAT, ADDRESS), arena);
            } catch (ReflectiveOperationException e) {
                throw new LinkageError("progress callback", e);
            }
        }

        // An exception that leaves an upcall ends the process: it is kept and thrown when the load has ended.
        @SuppressWarnings("UnusedMethod") // by its handle
        boolean loaded(float fraction, MemorySegment ignored) {
            try {
                cancelled = !progress.loaded(fraction);
            } catch (Throwable t) {
                thrown = t;
                cancelled = true;
            }
            return !cancelled;
        }

        RuntimeException failure(Path file) {
            if (thrown != null) {
                return new LlamaException("loading " + file + " ended by its listener", thrown);
            }
            return cancelled
                    ? new LoadCancelledException()
                    : new LlamaException("llama.cpp cannot load " + file
                            + ": the log says why; an unknown architecture needs a newer llama.cpp");
        }
    }
}
