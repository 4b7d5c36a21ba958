package dev.millrace.llama.ffm;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BOOLEAN;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.millrace.core.id.ModelId;
import dev.millrace.core.time.NanoClock;
import dev.millrace.engine.batch.StepBatch;
import dev.millrace.llama.Cores;
import dev.millrace.llama.LlamaBackend;
import dev.millrace.llama.LlamaOptions;
import dev.millrace.llama.Natives;
import dev.millrace.llama.ProgressListener;
import dev.millrace.llama.natives.NativeAbi;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Arrays;
import java.util.Locale;

/// `llama_decode` and `llama_synchronize` in a loop, on a context of its own and with a batch filled in place: what
/// the library does by itself, for the engine to be compared with. No checks, no abort callback, no sampling, no
/// Java objects.
///
/// As a program it compares [LlamaBackend#decode] with that: `BareDecodeLoop FILE THREADS STEPS`.
public final class BareDecodeLoop implements AutoCloseable {
    private static final int WARM_STEPS = 10;

    private final LlamaLibrary library;
    private final LlamaModel model;
    private final ContextFunctions functions;
    private final Arena arena = Arena.ofConfined();
    private final MemorySegment context;
    private final MemorySegment kv;
    private final MemorySegment batch;
    private final MemorySegment tokens;
    private final MemorySegment positions;
    private final int sequences;
    private final int vocabulary;

    /// Makes a context of its own for `sequences` sequences.
    public BareDecodeLoop(LlamaModel model, int sequences, int kvCells, int threads) {
        this.model = model;
        this.library = model.library();
        this.functions = library.contexts();
        this.sequences = sequences;
        this.vocabulary = model.vocab().size();
        StructTable table = library.abi().contextParams();
        MemorySegment params = functions.llama_context_default_params(arena);
        params.set(JAVA_INT, table.offset("n_ctx"), kvCells);
        params.set(JAVA_INT, table.offset("n_batch"), 512);
        params.set(JAVA_INT, table.offset("n_ubatch"), 512);
        params.set(JAVA_INT, table.offset("n_seq_max"), sequences);
        params.set(JAVA_INT, table.offset("n_threads"), threads);
        params.set(JAVA_INT, table.offset("n_threads_batch"), threads);
        if (table.fields().containsKey("kv_unified")) {
            params.set(JAVA_BOOLEAN, table.offset("kv_unified"), true);
        }
        context = functions.llama_init_from_model(model.segment(), params);
        kv = functions.llama_get_memory(context);
        tokens = arena.allocate(JAVA_INT, sequences);
        positions = arena.allocate(JAVA_INT, sequences);
        batch = batch();
        model.contextOpened();
    }

    private MemorySegment batch() {
        MemorySegment counts = arena.allocate(JAVA_INT, sequences);
        MemorySegment ids = arena.allocate(JAVA_INT, sequences);
        MemorySegment pointers = arena.allocate(ADDRESS, sequences);
        MemorySegment outputs = arena.allocate(sequences);
        for (int i = 0; i < sequences; i++) {
            counts.setAtIndex(JAVA_INT, i, 1);
            ids.setAtIndex(JAVA_INT, i, i);
            pointers.setAtIndex(JAVA_LONG, i, ids.address() + 4L * i);
            outputs.set(JAVA_BYTE, i, (byte) 1);
        }
        MemorySegment struct = arena.allocate(ContextFunctions.BATCH);
        struct.set(JAVA_INT, 0, sequences);
        struct.set(ADDRESS, 8, tokens);
        struct.set(ADDRESS, 24, positions);
        struct.set(ADDRESS, 32, counts);
        struct.set(ADDRESS, 40, pointers);
        struct.set(ADDRESS, 48, outputs);
        return struct;
    }

    /// Empties the sequences.
    public void clear() {
        functions.clear(kv);
    }

    /// Runs one step of one token per sequence.
    ///
    /// @param position where in the sequences, one behind the last
    /// @return its nanoseconds
    public long step(int position, NanoClock clock) {
        long start = clock.nanoTime();
        for (int i = 0; i < sequences; i++) {
            tokens.setAtIndex(JAVA_INT, i, token(position, i, vocabulary));
            positions.setAtIndex(JAVA_INT, i, position);
        }
        if (functions.llama_decode(context, batch) != 0) {
            throw new LlamaException("decode failed");
        }
        functions.llama_synchronize(context);
        return clock.nanoTime() - start;
    }

    private static int token(int step, int sequence, int vocabulary) {
        return 300 + (step * 31 + sequence * 7) % (vocabulary - 400);
    }

    @Override
    public void close() {
        functions.llama_free(context);
        model.contextClosed();
        arena.close();
    }

    private static long backendStep(LlamaBackend backend, StepBatch batch, int position, NanoClock clock) {
        int vocabulary = backend.vocabulary().size();
        long start = clock.nanoTime();
        batch.clear();
        for (int slot = 0; slot < batch.capacity(); slot++) {
            batch.add(token(position, slot, vocabulary), position, slot, true);
        }
        backend.decode(batch);
        return clock.nanoTime() - start;
    }

    /// Entry point.
    public static void main(String[] arguments) throws IOException {
        Path file = Path.of(arguments[0]);
        int threads = Integer.parseInt(arguments[1]);
        int steps = Integer.parseInt(arguments[2]);
        for (NativeAbi abi : NativeAbi.values()) {
            LlamaOptions options = LlamaOptions.of(new ModelId("bench"), file, Natives.of(abi))
                    .withKvCells(4_096)
                    .withSlots(16, 0)
                    .withThreads(threads);
            LlamaLibrary library = LlamaLibrary.open(options.natives());
            try (LlamaBackend backend = LlamaBackend.load(
                            options, ProgressListener.IGNORED, Cores.ALONE, NanoClock.SYSTEM, Clock.systemUTC());
                    LlamaModel model =
                            LlamaModel.load(library, file, new LlamaModel.Settings(0, true), LoadProgress.IGNORED)) {
                for (int sequences : new int[] {1, 4, 16}) {
                    try (BareDecodeLoop bare = new BareDecodeLoop(model, sequences, 4_096, threads)) {
                        compare(abi, backend, bare, sequences, steps);
                    }
                }
            }
        }
    }

    // Steps of both take turns, and in turns at going first, so that what else the machine does hits both alike;
    // medians leave the rest of it out.
    private static void compare(NativeAbi abi, LlamaBackend backend, BareDecodeLoop bare, int sequences, int steps) {
        StepBatch batch = new StepBatch(sequences);
        long[] bareNanos = new long[steps];
        long[] backendNanos = new long[steps];
        for (int slot = 0; slot < sequences; slot++) {
            backend.truncate(slot, 0);
        }
        for (int step = -WARM_STEPS; step < steps; step++) {
            int index = Math.max(step, 0);
            int position = step + WARM_STEPS;
            if (position % 2 == 0) {
                bareNanos[index] = bare.step(position, NanoClock.SYSTEM);
            }
            backendNanos[index] = backendStep(backend, batch, position, NanoClock.SYSTEM);
            if (position % 2 == 1) {
                bareNanos[index] = bare.step(position, NanoClock.SYSTEM);
            }
        }
        Arrays.sort(bareNanos);
        Arrays.sort(backendNanos);
        double bareRate = 1e9 * sequences / bareNanos[steps / 2];
        double backendRate = 1e9 * sequences / backendNanos[steps / 2];
        System.out.printf(
                Locale.ROOT,
                "%s sequences %2d: bare %.1f tok/s, backend %.1f tok/s (medians of %d steps each), ratio %.3f%n",
                abi.title(),
                sequences,
                bareRate,
                backendRate,
                steps,
                backendRate / bareRate);
    }
}
