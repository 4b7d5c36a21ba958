package dev.millrace.llama.ffm;

import static java.lang.foreign.ValueLayout.ADDRESS;

import dev.millrace.llama.natives.NativeAbi;
import dev.millrace.llama.natives.NativeLibrary;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

/// An opened llama.cpp library whose build was recognised. *Thread-safe.*
///
/// It stays in the process for ever: libraries with threads of their own cannot be unloaded safely. Opening the
/// same one again is cheap.
public final class LlamaLibrary {
    private final NativeLibrary source;
    private final AbiTable abi;
    private final ModelFunctions models;
    private final VocabFunctions vocabs;
    private final ContextFunctions contexts;
    private final AtomicInteger liveObjects = new AtomicInteger();

    private LlamaLibrary(NativeLibrary source, AbiTable abi, NativeFunctions functions) {
        this.source = source;
        this.abi = abi;
        this.models = new ModelFunctions(functions, abi);
        this.vocabs = new VocabFunctions(functions);
        this.contexts = new ContextFunctions(functions, abi);
    }

    /// Loads the library into the process, checks that it is the build it claims to be, and starts its back ends.
    ///
    /// @throws LlamaException if it cannot be loaded or its structures are not the tabulated ones
    public static LlamaLibrary open(NativeLibrary source) {
        AbiTable abi = AbiTable.of(source.abi());
        NativeFunctions functions = new NativeFunctions(symbols(source));
        LlamaLibrary library = new LlamaLibrary(source, abi, functions);
        library.checkBuild(functions);
        NativeLog.install(functions);
        startBackends(source, functions);
        return library;
    }

    private static SymbolLookup symbols(NativeLibrary source) {
        List<SymbolLookup> lookups = new ArrayList<>();
        try {
            lookups.add(SymbolLookup.libraryLookup(source.file(), Arena.global()));
            if (source.abi() == NativeAbi.V0_5_0) {
                try (Stream<Path> files = Files.list(source.directory())) {
                    files.filter(f -> f.getFileName().toString().matches("libggml(\\.[a-z0-9.]+)?\\.so"))
                            .forEach(f -> lookups.add(SymbolLookup.libraryLookup(f, Arena.global())));
                }
            }
        } catch (IllegalArgumentException e) {
            throw new LlamaException("cannot load " + source.file() + ": " + e.getMessage(), e);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return name -> lookups.stream().flatMap(l -> l.find(name).stream()).findFirst();
    }

    private void checkBuild(NativeFunctions functions) {
        if (functions.exports("llama_version") == abi.version().isEmpty()) {
            throw refused("llama_version() is " + (abi.version().isEmpty() ? "there" : "missing"));
        }
        try (Arena arena = Arena.ofConfined()) {
            if (!abi.version().isEmpty()) {
                String version = version(functions);
                if (!version.startsWith(abi.version())) {
                    throw refused("llama_version() says " + version + " (expected: " + abi.version() + ")");
                }
            }
            abi.modelParams()
                    .difference(models.llama_model_default_params(arena))
                    .or(() -> abi.contextParams().difference(contexts.llama_context_default_params(arena)))
                    .ifPresent(difference -> {
                        throw refused(difference);
                    });
        }
    }

    private static String version(NativeFunctions functions) {
        try {
            var handle = functions.find("llama_version", FunctionDescriptor.of(ADDRESS));
            return ((MemorySegment) handle.invokeExact()).reinterpret(64).getString(0);
        } catch (Throwable t) {
            throw NativeFunctions.broken(t);
        }
    }

    private LlamaException refused(String reason) {
        return new LlamaException(source.file() + " is not " + source.abi().title() + ": " + reason
                + ". Calling it could corrupt memory, so it is not used.");
    }

    // Without a loaded CPU back end 0.5.0 has nowhere to run a model; b4916 has its back ends built in.
    private static void startBackends(NativeLibrary source, NativeFunctions functions) {
        try (Arena arena = Arena.ofConfined()) {
            if (source.abi() == NativeAbi.V0_5_0) {
                var loadAll = functions.find("ggml_backend_load_all_from_path", FunctionDescriptor.ofVoid(ADDRESS));
                loadAll.invokeExact(arena.allocateFrom(source.directory().toString()));
            }
            var init = functions.find("llama_backend_init", FunctionDescriptor.ofVoid());
            init.invokeExact();
        } catch (LlamaException e) {
            throw e;
        } catch (Throwable t) {
            throw NativeFunctions.broken(t);
        }
    }

    /// Where it came from.
    public NativeLibrary source() {
        return source;
    }

    /// Most KV sequences of one context.
    public int maxSequences() {
        return abi.maxSequences();
    }

    /// Native objects that exist now; 0 once every model and context is closed.
    public int liveObjects() {
        return liveObjects.get();
    }

    AbiTable abi() {
        return abi;
    }

    ModelFunctions models() {
        return models;
    }

    VocabFunctions vocabs() {
        return vocabs;
    }

    ContextFunctions contexts() {
        return contexts;
    }

    void created() {
        liveObjects.incrementAndGet();
    }

    void freed() {
        liveObjects.decrementAndGet();
    }
}
