package dev.millrace.llama.ffm;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BOOLEAN;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.util.Objects.requireNonNull;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// A KV cache and the means to run forward passes over it. Confined to the thread that opened it, except [#abort].
///
/// The batch is filled with [#add] and run by [#decode]. Neither allocates: the arrays live outside the heap for
/// the life of the context.
public final class LlamaContext implements AutoCloseable {
    // Logits are read at an address that changes with each step; one segment over all memory avoids one per read.
    private static final MemorySegment ALL_MEMORY = MemorySegment.NULL.reinterpret(Long.MAX_VALUE);

    // Of `llama_pooling_type`: we pool ourselves, for the library can do it within one micro-batch only.
    private static final int NO_POOLING = 0;

    private final LlamaModel model;
    private final LlamaLibrary library;
    private final ContextFunctions functions;
    private final ContextSettings settings;
    private final int vocabSize;
    private final Thread owner = Thread.currentThread();
    private final Arena arena = Arena.ofConfined();
    private final AbortFlag abort = new AbortFlag();
    private final @Nullable Runnable pausePoint;
    private final MemorySegment context;
    private final MemorySegment kv;
    private final MemorySegment batch;
    private final MemorySegment tokens;
    private final MemorySegment positions;
    private final MemorySegment counts;
    private final MemorySegment sequences;
    private final MemorySegment sequencePointers;
    private final MemorySegment outputs;
    private final Map<Integer, float[]> keptLogits = new HashMap<>(); // of a batch that was run in pieces
    private int size;
    private int outputCount;
    private int decodedSize;
    private boolean closed;

    /// Makes a context.
    ///
    /// @throws LlamaException if there is not enough memory for it
    public LlamaContext(LlamaModel model, ContextSettings settings) {
        this(model, settings, null);
    }

    /// Makes a context whose decodes can pause.
    ///
    /// @param pausePoint run on the context's thread many times in each decode; may block, must not throw
    /// @throws LlamaException if there is not enough memory for it
    public LlamaContext(LlamaModel model, ContextSettings settings, @Nullable Runnable pausePoint) {
        this.pausePoint = pausePoint;
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
            counts = arena.allocate(JAVA_INT, capacity);
            for (int i = 0; i < capacity; i++) {
                counts.setAtIndex(JAVA_INT, i, 1);
            }
            sequencePointers = pointersTo(sequences);
            batch = arena.allocate(ContextFunctions.BATCH);
            pointBatchAt(0);
            made = functions.llama_init_from_model(model.segment(), params());
            if (made.address() == 0) {
                throw new LlamaException("no context of " + settings.kvCells()
                        + " tokens: too little memory for the KV cache, or the model cannot generate text");
            }
            context = made;
            kv = functions.llama_get_memory(made);
            if (kv.address() == 0 && !settings.embeddings()) {
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
        if (settings.sequences() < 1 || settings.allSequences() > maxSequences) {
            throw new IllegalArgumentException(
                    "sequences: " + settings.allSequences() + " (expected: 1.." + maxSequences + ")");
        }
        if (settings.batchTokens() < 1 || settings.kvCells() < 1 || settings.threads() < 1) {
            throw new IllegalArgumentException(settings + " (expected: every size >= 1)");
        }
    }

    private MemorySegment pointersTo(MemorySegment ints) {
        int count = settings.batchTokens();
        MemorySegment pointers = arena.allocate(ADDRESS, count);
        for (int i = 0; i < count; i++) {
            pointers.setAtIndex(JAVA_LONG, i, ints.address() + 4L * i);
        }
        return pointers;
    }

    /// Makes the batch begin at this token of the arrays.
    private void pointBatchAt(int first) {
        batch.set(JAVA_LONG, 8, tokens.address() + 4L * first);
        batch.set(JAVA_LONG, 24, positions.address() + 4L * first);
        batch.set(JAVA_LONG, 32, counts.address() + 4L * first);
        batch.set(JAVA_LONG, 40, sequencePointers.address() + 8L * first);
        batch.set(JAVA_LONG, 48, outputs.address() + first);
    }

    private MemorySegment params() {
        StructTable table = library.abi().contextParams();
        MemorySegment params = functions.llama_context_default_params(arena);
        params.set(JAVA_INT, table.offset("n_ctx"), settings.kvCells());
        params.set(JAVA_INT, table.offset("n_batch"), settings.batchTokens());
        params.set(JAVA_INT, table.offset("n_ubatch"), settings.batchTokens());
        params.set(JAVA_INT, table.offset("n_seq_max"), settings.allSequences());
        params.set(JAVA_INT, table.offset("n_threads"), settings.threads());
        params.set(JAVA_INT, table.offset("n_threads_batch"), settings.threads());
        if (pausePoint != null) {
            params.set(ADDRESS, table.offset("cb_eval"), new GraphPauses(pausePoint).callback(arena));
        }
        if (settings.embeddings()) {
            params.set(JAVA_BOOLEAN, table.offset("embeddings"), true);
            params.set(JAVA_INT, table.offset("pooling_type"), NO_POOLING);
        }
        params.set(ADDRESS, table.offset("abort_callback"), abort.callback());
        params.set(ADDRESS, table.offset("abort_callback_data"), abort.argument());
        if (table.fields().containsKey("kv_unified")) {
            params.set(JAVA_BOOLEAN, table.offset("kv_unified"), true);
            // Room for one output per sequence (the library insists on that) and not per token: with a large
            // vocabulary that saves hundreds of MiB.
            params.set(
                    JAVA_INT,
                    table.offset("n_outputs_max"),
                    settings.embeddings()
                            ? settings.batchTokens()
                            : Math.min(settings.allSequences(), settings.batchTokens()));
        }
        return params;
    }

    private int maxOutputs() {
        return settings.embeddings() ? settings.batchTokens() : Math.min(settings.sequences(), settings.batchTokens());
    }

    /// Empties the batch.
    public void clearBatch() {
        checkUsable();
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
        keptLogits.clear();
        if (size == 0) {
            return DecodeResult.FAILED; // b4916 would run an empty graph
        }
        abort.set(false);
        DecodeResult result = decode(0, size);
        if (result == DecodeResult.NO_ROOM && library.abi().needsRuns() && !settings.embeddings()) {
            result = decodeInPieces(0, size);
            if (result == DecodeResult.NO_ROOM) {
                forgetBatch();
            }
        }
        if (result == DecodeResult.OK) {
            functions.llama_synchronize(context);
            decodedSize = size;
        }
        return result;
    }

    private DecodeResult decode(int from, int to) {
        batch.set(JAVA_INT, 0, to - from);
        int code = functions.llama_decode(context, batch);
        if (code == library.abi().noRoomCode()) {
            return DecodeResult.NO_ROOM;
        }
        return switch (code) {
            case 0 -> DecodeResult.OK;
            case 2 -> DecodeResult.ABORTED;
            default -> DecodeResult.FAILED;
        };
    }

    // b4916 cannot use scattered cells for one decode, and its own defragmentation ends the process when the cache
    // is
    // nearly full. Two halves find room where the whole did not; in the end single tokens do.
    private DecodeResult decodeInPieces(int from, int to) {
        int middle = (from + to) >>> 1;
        for (int start = from, end = middle; start < to; start = end, end = to) {
            pointBatchAt(start);
            DecodeResult result = decode(start, end);
            pointBatchAt(0);
            if (result == DecodeResult.NO_ROOM && end - start > 1) {
                result = decodeInPieces(start, end);
            } else if (result == DecodeResult.OK) {
                keepLogits(start, end);
            }
            if (result != DecodeResult.OK) {
                return result;
            }
        }
        return DecodeResult.OK;
    }

    // The next decode overwrites the logits of this one.
    private void keepLogits(int from, int to) {
        for (int i = from; i < to; i++) {
            if (outputs.get(JAVA_BYTE, i) != 0) {
                float[] copy = new float[vocabSize];
                copyLogits(i - from, copy);
                keptLogits.put(i, copy);
            }
        }
    }

    private void forgetBatch() {
        for (int i = 0; i < size; i++) {
            functions.seq_rm(kv, sequences.getAtIndex(JAVA_INT, i), positions.getAtIndex(JAVA_INT, i), -1);
        }
    }

    /// Copies the logits of one output of the last decode.
    ///
    /// @param index its index in the batch
    public void logits(int index, float[] target) {
        checkUsable();
        if (index < 0 || index >= decodedSize || outputs.get(JAVA_BYTE, index) == 0) {
            throw new IllegalArgumentException("index: " + index + " (expected: an output of the last decode)");
        }
        if (keptLogits.isEmpty()) {
            copyLogits(index, target);
        } else {
            System.arraycopy(requireNonNull(keptLogits.get(index)), 0, target, 0, vocabSize);
        }
    }

    private void copyLogits(int index, float[] target) {
        long address = functions.llama_get_logits_ith(context, index);
        if (address == 0) {
            throw new LlamaException("no logits at " + index);
        }
        MemorySegment.copy(ALL_MEMORY, JAVA_FLOAT, address, target, 0, vocabSize);
    }

    /// Copies the vector of one output of the last decode; needs [ContextSettings#embeddings].
    ///
    /// @param index its index in the batch
    /// @param target as long as the vectors of the model are
    public void embedding(int index, float[] target) {
        checkUsable();
        if (index < 0 || index >= decodedSize || !settings.embeddings()) {
            throw new IllegalArgumentException("index: " + index + " (expected: an output of the last decode)");
        }
        long address = functions.llama_get_embeddings_ith(context, index);
        if (address == 0) {
            throw new LlamaException("no embedding at " + index);
        }
        MemorySegment.copy(ALL_MEMORY, JAVA_FLOAT, address, target, 0, model.vectorSize());
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
        return hasNoMemory() || functions.seq_rm(kv, sequence, from, -1);
    }

    /// Copies what the KV holds of the positions `from` to `to` of a sequence; needs [ContextSettings#copies].
    public void copyOut(int sequence, int from, int to, KvBlock block) {
        int way = copyWay();
        functions.seq_cp(kv, sequence, way, from, to);
        long size = functions.llama_state_seq_get_size(context, way);
        long written = functions.llama_state_seq_get_data(context, block.room(size), size, way);
        functions.seq_rm(kv, way, -1, -1);
        if (written == 0) {
            throw new LlamaException("the KV of a sequence cannot be copied");
        }
        block.filled(written);
    }

    /// Adds what [#copyOut] of another context of the same model copied; needs [ContextSettings#copies].
    ///
    /// @return false if there is no room for it; nothing has changed then
    public boolean copyIn(KvBlock block, int sequence, int from, int to) {
        int way = copyWay();
        boolean there = functions.llama_state_seq_set_data(context, block.memory(), block.size(), way) != 0;
        if (there) {
            functions.seq_cp(kv, way, sequence, from, to);
        }
        functions.seq_rm(kv, way, -1, -1);
        return there;
    }

    private int copyWay() {
        checkUsable();
        if (!settings.copies()) {
            throw new IllegalStateException("the context was made without copies");
        }
        return settings.sequences();
    }

    /// Last position of a sequence in the KV cache; for an empty one -1 or, in b4916, 0.
    public int lastPosition(int sequence) {
        checkUsable();
        return functions.seq_pos_max(kv, sequence);
    }

    /// Empties the KV cache; the last decode's logits are gone, too.
    public void clearSequences() {
        checkUsable();
        decodedSize = 0;
        if (!hasNoMemory()) {
            functions.clear(kv);
        }
    }

    /// Encoders read a text as a whole and remember nothing of it.
    private boolean hasNoMemory() {
        return kv.address() == 0;
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
