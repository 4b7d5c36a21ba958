package dev.millrace.cli.engines;

import dev.millrace.gguf.GgufModel;
import dev.millrace.gguf.GgufReader;
import dev.millrace.gguf.MemoryEstimate;
import dev.millrace.models.lifecycle.MemoryNeed;
import dev.millrace.server.config.EngineConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Estimates what models take, from their files and the engine's settings. *Immutable.*
///
/// @param engine slots and context as configured
record MemoryNeeds(EngineConfig engine) {
    private static final Logger LOG = LoggerFactory.getLogger(MemoryNeeds.class);

    /// What llama's sizing takes where nothing is configured.
    private static final int DEFAULT_CONTEXT = 8192;

    private static final int MAX_CELLS = 32_768;
    private static final int BATCH_TOKENS = 512;
    private static final int REUSE_PER_SLOT = 3;

    /// A worker without a model: measured as `tools/bench/memory.sh` does, before the load.
    private static final long WORKER_BYTES = 40L << 20;

    MemoryNeed of(Path file) {
        try {
            GgufModel model = GgufReader.readModel(file);
            int trained = model.summary().contextTokens();
            int context = engine.contextTokens() > 0
                    ? engine.contextTokens()
                    : Math.min(trained > 0 ? trained : DEFAULT_CONTEXT, DEFAULT_CONTEXT);
            int cells = Math.max(context, Math.min(engine.slots() * context, MAX_CELLS));
            int sequences = engine.slots() * (1 + REUSE_PER_SLOT);
            // One slot alone has no use for a lane.
            int lane = engine.slots() > 1 ? context : 0;
            MemoryEstimate estimate =
                    MemoryEstimate.of(model, new MemoryEstimate.Settings(cells, lane, sequences, BATCH_TOKENS));
            return new MemoryNeed(
                    estimate.weightsBytes(),
                    estimate.kvBytes() + estimate.stateBytes(),
                    estimate.computeBytes(),
                    estimate.overheadBytes() + WORKER_BYTES);
        } catch (IOException e) {
            // The load will say what is wrong with the file; until then only its size is known.
            LOG.debug("event=no_estimate file={}", file, e);
            return new MemoryNeed(size(file), 0, 0, WORKER_BYTES);
        }
    }

    /// By what a measurement of a file is known: the file as it is, and whatever else decides over its memory.
    String key(Path file) {
        String time;
        try {
            time = Files.getLastModifiedTime(file).toString();
        } catch (IOException e) {
            time = "unknown";
        }
        return file + " bytes=" + size(file) + " time=" + time + " context=" + engine.contextTokens() + " slots="
                + engine.slots() + " natives=" + engine.natives() + " worker=" + engine.worker();
    }

    private static long size(Path file) {
        try {
            return Files.size(file);
        } catch (IOException e) {
            return 0;
        }
    }
}
