package dev.millrace.llama;

import dev.millrace.core.id.ModelId;
import dev.millrace.llama.natives.NativeLibrary;
import java.nio.file.Path;

/// How to run one model. *Immutable.*
///
/// ```java
/// LlamaOptions options = LlamaOptions.of(id, file, natives).withContextTokens(4096).withThreads(2);
/// ```
///
/// @param file a GGUF file
/// @param contextTokens most tokens of one sequence; [#AUTO]: what the model was trained with, at most 8192
/// @param kvCells tokens in the KV cache of all sequences together; [#AUTO]: by slots, context and memory
/// @param runningSlots most sequences that run at once
/// @param reuseSlots KV sequences kept for reuse besides; fewer if the library allows fewer in all
/// @param batchTokens most tokens of one step
/// @param threads threads of a step; [#AUTO]: measured while loading, and lowered while another process is in the
///     way
/// @param gpuLayers layers to put on a GPU, where the library can
/// @param mapped map the file instead of reading it
public record LlamaOptions(
        ModelId id,
        Path file,
        NativeLibrary natives,
        int contextTokens,
        int kvCells,
        int runningSlots,
        int reuseSlots,
        int batchTokens,
        int threads,
        int gpuLayers,
        boolean mapped) {
    /// Let the machine and the model decide.
    public static final int AUTO = 0;

    /// Most sequences at once, of all builds.
    public static final int MAX_SLOTS = 256;

    public LlamaOptions {
        check("contextTokens", contextTokens, 0, 1 << 24);
        check("kvCells", kvCells, 0, 1 << 26);
        check("runningSlots", runningSlots, 1, MAX_SLOTS);
        check("reuseSlots", reuseSlots, 0, MAX_SLOTS);
        check("batchTokens", batchTokens, 1, 1 << 16);
        check("threads", threads, 0, 512);
        check("gpuLayers", gpuLayers, 0, 1 << 16);
    }

    private static void check(String name, int value, int min, int max) {
        if (value < min || value > max) {
            throw new IllegalArgumentException(name + ": " + value + " (expected: " + min + ".." + max + ")");
        }
    }

    /// The defaults: 4 running sequences, 12 for reuse, 512 tokens a step, the rest by machine and model.
    public static LlamaOptions of(ModelId id, Path file, NativeLibrary natives) {
        return new LlamaOptions(id, file, natives, AUTO, AUTO, 4, 12, 512, AUTO, 0, true);
    }

    /// Another context.
    public LlamaOptions withContextTokens(int tokens) {
        return new LlamaOptions(
                id, file, natives, tokens, kvCells, runningSlots, reuseSlots, batchTokens, threads, gpuLayers, mapped);
    }

    /// Another size of the KV cache.
    public LlamaOptions withKvCells(int cells) {
        return new LlamaOptions(
                id,
                file,
                natives,
                contextTokens,
                cells,
                runningSlots,
                reuseSlots,
                batchTokens,
                threads,
                gpuLayers,
                mapped);
    }

    /// Another number of sequences.
    public LlamaOptions withSlots(int running, int reuse) {
        return new LlamaOptions(
                id, file, natives, contextTokens, kvCells, running, reuse, batchTokens, threads, gpuLayers, mapped);
    }

    /// Another size of a step.
    public LlamaOptions withBatchTokens(int tokens) {
        return new LlamaOptions(
                id,
                file,
                natives,
                contextTokens,
                kvCells,
                runningSlots,
                reuseSlots,
                tokens,
                threads,
                gpuLayers,
                mapped);
    }

    /// A fixed number of threads.
    public LlamaOptions withThreads(int count) {
        return new LlamaOptions(
                id,
                file,
                natives,
                contextTokens,
                kvCells,
                runningSlots,
                reuseSlots,
                batchTokens,
                count,
                gpuLayers,
                mapped);
    }

    /// Layers on a GPU.
    public LlamaOptions withGpuLayers(int layers) {
        return new LlamaOptions(
                id,
                file,
                natives,
                contextTokens,
                kvCells,
                runningSlots,
                reuseSlots,
                batchTokens,
                threads,
                layers,
                mapped);
    }
}
