package dev.millrace.worker.process;

import dev.millrace.engine.Engine;
import dev.millrace.worker.transport.WorkerEngine;
import java.util.concurrent.CompletionStage;

/// A worker whose model is loaded. *Thread-safe.* Closing it ends the process, and returns when its memory
/// is back.
public final class RunningWorker implements AutoCloseable {
    private final WorkerProcess process;
    private final WorkerEngine engine;

    RunningWorker(WorkerProcess process, WorkerEngine engine) {
        this.process = process;
        this.engine = engine;
    }

    /// The engine in the worker.
    public Engine engine() {
        return engine;
    }

    /// Memory of the process when it last said so; 0 if unknown.
    public long residentBytes() {
        return engine.residentBytes();
    }

    /// The number of the process.
    public long pid() {
        return process.pid();
    }

    /// Completed with the reason, for people, when the worker is gone or was given up; its requests have
    /// ended then.
    public CompletionStage<String> lost() {
        return engine.lost();
    }

    @Override
    public void close() {
        engine.close();
        process.close();
    }
}
