package dev.millrace.llama.ffm;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BOOLEAN;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/// A KV cache and the means to run forward passes over it. Confined to the thread that opened it, except [#abort].
///
/// The batch is filled with [#add] and run by [#decode]. Neither allocates: the arrays live outside the heap for the
/// life
/// of the context.
public final class LlamaContext implements AutoCloseable {
    // Logits are read at an address that changes with each step; one segment over all memory avoids one per read.
    private static final MemorySegment ALL_MEMORY = MemorySegment.NULL.reinterpret(Long.MAX_VALUE);

    private final LlamaModel model;
    private final LlamaLibrary library;
    private final ContextFunctions functions;
    private final ContextSettings settings;
    private final int vocabSize;
    private final Thread owner = Thread.currentThread();
    private final Arena arena = Arena.ofConfined();
    private final AbortFlag abort = new AbortFlag();
    private final MemorySegment context;
    private final MemorySegment kv;
    private final MemorySegment batch;
    private final MemorySegment tokens;
    private final MemorySegment positions;
    private final MemorySegment sequences;
    private final MemorySegment outputs;
    private int size;
    private int outputCount;
    private int decodedSize;
    private boolean closed;

    /// Makes a context.
    ///
    /// @throws LlamaException if there is not enough memory for it
    public LlamaContext(LlamaModel model, ContextSettings settings) {
        this.model = model;
        this.library = model.library();
        this.functions = library.contexts();
        this.settings = settings;
        this.vocabSize = model.vocab().size();
        checkSettings(settings, library.maxSequences());
        MemorySegment made = MemorySegment.NULL;
        try {
            int capacity = settings.batchTokens();
            tokens = arena.allocate(JAVA_INT, capacity);
            positions = arena.allocate(JAVA_INT, capacity);
            sequences = arena.allocate(JAVA_INT, capacity);
            outputs = arena.allocate(JAVA_BYTE, capacity);
            batch = batchOf(capacity);
            made = functions.llama_init_from_model(model.segment(), params());
            if (made.address() == 0) {
                throw new LlamaException("no context of " + settings.kvCells()
                        + " tokens: too little memory for the KV cache, or the model cannot generate text");
            }
            context = made;
            kv = functions.llama_get_memory(made);
            if (kv.address() == 0) {
                throw new LlamaException("the model has no KV cache: it cannot generate text");
            }
        } catch (RuntimeException | Error e) {
            if (made.address() != 0) {
                functions.llama_free(made);
            }
            arena.close();
            throw e;
        }
        library.created();
        model.contextOpened();
    }

    private static void checkSettings(ContextSettings settings, int maxSequences) {
        if (settings.sequences() < 1 || settings.sequences() > maxSequences) {
            throw new IllegalArgumentException(
                    "sequences: " + settings.sequences() + " (expected: 1.." + maxSequences + ")");
        }
        if (settings.batchTokens() < 1 || settings.kvCells() < 1 || settings.threads() < 1) {
            throw new IllegalArgumentException(settings + " (expected: every size >= 1)");
        }
    }

    private MemorySegment batchOf(int capacity) {
        MemorySegment struct = arena.allocate(ContextFunctions.BATCH);
        MemorySegment counts = arena.allocate(JAVA_INT, capacity);
        MemorySegment pointers = arena.allocate(ADDRESS, capacity);
        for (int i = 0; i < capacity; i++) {
            counts.setAtIndex(JAVA_INT, i, 1);
            pointers.setAtIndex(JAVA_LONG, i, sequences.address() + 4L * i);
        }
        struct.set(ADDRESS, 8, tokens);
        struct.set(ADDRESS, 24, positions);
        struct.set(ADDRESS, 32, counts);
        struct.set(ADDRESS, 40, pointers);
        struct.set(ADDRESS, 48, outputs);
        return struct;
    }

    private MemorySegment params() {
        StructTable table = library.abi().contextParams();
        MemorySegment params = functions.llama_context_default_params(arena);
        params.set(JAVA_INT, table.offset("n_ctx"), settings.kvCells());
        params.set(JAVA_INT, table.offset("n_batch"), settings.batchTokens());
        params.set(JAVA_INT, table.offset("n_ubatch"), settings.batchTokens());
        params.set(JAVA_INT, table.offset("n_seq_max"), settings.sequences());
        params.set(JAVA_INT, table.offset("n_threads"), settings.threads());
        params.set(JAVA_INT, table.offset("n_threads_batch"), settings.threads());
        params.set(ADDRESS, table.offset("abort_callback"), abort.callback());
        params.set(ADDRESS, table.offset("abort_callback_data"), abort.argument());
        if (table.fields().containsKey("kv_unified")) {
            params.set(JAVA_BOOLEAN, table.offset("kv_unified"), true);
            // Room for one output per sequence and not per token: with a large vocabulary that saves hundreds of MiB.
            params.set(JAVA_INT, table.offset("n_outputs_max"), maxOutputs());
        }
        return params;
    }

    private int maxOutputs() {
        return Math.min(settings.sequences(), settings.batchTokens());
    }

    /// Empties the batch.
    public void clearBatch() {
        size = 0;
        outputCount = 0;
    }

    /// Adds one token to the batch. Every value is checked: b4916 ends the process on a bad token id.
    ///
    /// @param output true if its logits are wanted
    public void add(int token, int position, int sequence, boolean output) {
        if (token < 0 || token >= vocabSize) {
            throw outOfRange("token", token, vocabSize);
        }
        if (sequence < 0 || sequence >= settings.sequences()) {
            throw outOfRange("sequence", sequence, settings.sequences());
        }
        if (position < 0 || position >= settings.kvCells()) {
            throw outOfRange("position", position, settings.kvCells());
        }
        int i = size;
        if (i >= settings.batchTokens()) {
            throw outOfRange("batch index", i, settings.batchTokens());
        }
        if (output && ++outputCount > maxOutputs()) {
            throw outOfRange("outputs", outputCount, maxOutputs() + 1);
        }
        tokens.setAtIndex(JAVA_INT, i, token);
        positions.setAtIndex(JAVA_INT, i, position);
        sequences.setAtIndex(JAVA_INT, i, sequence);
        outputs.set(JAVA_BYTE, i, (byte) (output ? 1 : 0));
        size = i + 1;
    }

    private static IllegalArgumentException outOfRange(String what, int value, int limit) {
        return new IllegalArgumentException(what + ": " + value + " (expected: 0.." + (limit - 1) + ")");
    }

    /// Runs the batch. The logits are complete when this returns.
    public DecodeResult decode() {
        checkUsable();
        decodedSize = 0;
        if (size == 0) {
            return DecodeResult.FAILED; // b4916 would run an empty graph
        }
        abort.set(false);
        batch.set(JAVA_INT, 0, size);
        int code = functions.llama_decode(context, batch);
        if (code == library.abi().noRoomCode() && functions.defragment(context)) {
            code = functions.llama_decode(context, batch);
        }
        if (code == 0) {
            functions.llama_synchronize(context);
            decodedSize = size;
            return DecodeResult.OK;
        }
        if (code == library.abi().noRoomCode()) {
            return DecodeResult.NO_ROOM;
        }
        return code == 2 ? DecodeResult.ABORTED : DecodeResult.FAILED;
    }

    /// Copies the logits of one output of the last decode.
    ///
    /// @param index its index in the batch
    public void logits(int index, float[] target) {
        checkUsable();
        if (index < 0 || index >= decodedSize || outputs.get(JAVA_BYTE, index) == 0) {
            throw new IllegalArgumentException("index: " + index + " (expected: an output of the last decode)");
        }
        long address = functions.llama_get_logits_ith(context, index);
        if (address == 0) {
            throw new LlamaException("no logits at " + index);
        }
        MemorySegment.copy(ALL_MEMORY, JAVA_FLOAT, address, target, 0, vocabSize);
    }

    /// Makes the first `end` positions of `source` also those of `target`, sharing their cells.
    public void copySequence(int source, int target, int end) {
        checkUsable();
        functions.seq_cp(kv, source, target, 0, end);
    }

    /// Removes everything at `from` and behind from a sequence.
    ///
    /// @return false if this kind of model cannot forget the end of a sequence
    public boolean removeFrom(int sequence, int from) {
        checkUsable();
        return functions.seq_rm(kv, sequence, from, -1);
    }

    /// Last position of a sequence in the KV cache; for an empty one -1 or, in b4916, 0.
    public int lastPosition(int sequence) {
        checkUsable();
        return functions.seq_pos_max(kv, sequence);
    }

    /// Empties the KV cache.
    public void clearSequences() {
        checkUsable();
        functions.clear(kv);
    }

    /// Changes the number of threads of the next decodes.
    public void threads(int threads) {
        checkUsable();
        functions.llama_set_n_threads(context, threads, threads);
    }

    /// Tokens the KV cache really holds.
    public int kvCells() {
        checkUsable();
        return functions.llama_n_ctx(context);
    }

    /// Makes the decode that is running now, if any, end early. *Thread-safe.*
    public void abort() {
        abort.set(true);
    }

    private void checkUsable() {
        if (Thread.currentThread() != owner) {
            throw new IllegalStateException("context of thread " + owner.getName() + " used by "
                    + Thread.currentThread().getName());
        }
        if (closed) {
            throw new IllegalStateException("the context is closed");
        }
    }

    /// Frees the KV cache and the batch. Idempotent.
    @Override
    public void close() {
        if (closed) {
            return;
        }
        checkUsable();
        closed = true;
        functions.llama_free(context);
        arena.close();
        model.contextClosed();
        library.freed();
    }
}
