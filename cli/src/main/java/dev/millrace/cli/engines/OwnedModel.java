package dev.millrace.cli.engines;

import dev.millrace.engine.Engine;
import dev.millrace.models.lifecycle.RunningModel;
import dev.millrace.worker.process.RunningWorker;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/// A model in memory, in this process or in a worker's. *Thread-safe.*
sealed interface OwnedModel extends RunningModel {
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
