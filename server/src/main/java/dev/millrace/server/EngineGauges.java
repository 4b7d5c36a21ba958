package dev.millrace.server;

import dev.millrace.core.id.ModelId;
import dev.millrace.engine.Engine;
import dev.millrace.engine.EngineStatus;
import dev.millrace.models.lifecycle.ModelPool;
import dev.millrace.server.account.ServerMetrics;

/// What an engine says of itself, under the names that vLLM's users know.
final class EngineGauges {
    private EngineGauges() {}

    static void register(ServerMetrics metrics, ModelId model, ModelPool pool) {
        String name = model.value();
        Looked engine = () -> {
            Engine inMemory = pool.look(model);
            return inMemory == null ? EngineStatus.IDLE : inMemory.status();
        };
        metrics.gauge("millrace.model.loaded", name, pool, p -> p.look(model) == null ? 0 : 1);
        metrics.gauge(
                "millrace.model.memory_bytes", name, pool, p -> p.status(model).reservedBytes());
        metrics.gauge("millrace.model.waiting", name, pool, p -> p.status(model).waiters());
        metrics.gauge("vllm:num_requests_running", name, engine, e -> e.status().runningSequences());
        metrics.gauge("vllm:num_requests_waiting", name, engine, e -> e.status().waitingSequences());
        metrics.gauge("vllm:kv_cache_usage_perc", name, engine, e -> usedShare(e.status()));
        metrics.gauge("millrace.kv.cached_cells", name, engine, e -> e.status().kvCellsCached());
        metrics.gauge("millrace.kv.held_cells", name, engine, e -> heldCells(e.status()));
        metrics.counter(
                "vllm:num_preemptions", name, engine, e -> e.status().counters().preemptions());
        metrics.counter(
                "millrace.steps", name, engine, e -> e.status().counters().steps());
        metrics.counter(
                "millrace.pauses.slow_readers",
                name,
                engine,
                e -> e.status().counters().pausesForSlowReaders());
    }

    /// The engine of now: another one after each load, none between.
    private interface Looked {
        EngineStatus status();
    }

    /// Cells that running sequences need; 0 when nothing runs, whatever is kept for reuse.
    private static double heldCells(EngineStatus status) {
        return status.kvCellsUsed() - status.kvCellsCached();
    }

    private static double usedShare(EngineStatus status) {
        return status.kvCells() == 0 ? 0 : (double) status.kvCellsUsed() / status.kvCells();
    }
}
