package dev.millrace.cli.engines;

import dev.millrace.engine.Engine;
import dev.millrace.models.lifecycle.LoadListener;
import dev.millrace.models.lifecycle.LoadPhase;
import dev.millrace.models.lifecycle.RunningModel;
import dev.millrace.worker.EngineOpener;
import dev.millrace.worker.LoadFailedException;
import dev.millrace.worker.LoadOrder;
import dev.millrace.worker.process.RunningWorker;
import dev.millrace.worker.process.WorkerLauncher;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/// A model in memory, in this process or in a worker's. *Thread-safe.*
sealed interface OwnedModel extends RunningModel {
    /// Starts one.
    ///
    /// @param workers starts worker processes; absent = `inside` opens it here
    static OwnedModel start(
            LoadOrder order, @Nullable WorkerLauncher workers, EngineOpener inside, LoadListener listener)
            throws LoadFailedException, InterruptedException {
        dev.millrace.worker.LoadListener phases = (phase, fraction) -> listener.at(
                switch (phase) {
                    case STARTING -> LoadPhase.STARTING;
                    case LOADING -> LoadPhase.LOADING;
                    case WARMING -> LoadPhase.WARMING;
                },
                fraction);
        return workers == null ? new Inside(inside.open(order, phases)) : new InWorker(workers.start(order, phases));
    }

    /// In this process: it shares the server's fate.
    record Inside(Engine engine) implements OwnedModel {
        @Override
        public long residentBytes() {
            return 0;
        }

        @Override
        public CompletionStage<String> lost() {
            return new CompletableFuture<>();
        }

        @Override
        public void close() {
            engine.close();
        }
    }

    /// In a process of its own.
    record InWorker(RunningWorker worker) implements OwnedModel {
        @Override
        public Engine engine() {
            return worker.engine();
        }

        @Override
        public long residentBytes() {
            return worker.residentBytes();
        }

        @Override
        public CompletionStage<String> lost() {
            return worker.lost();
        }

        @Override
        public void close() {
            worker.close();
        }
    }
}
