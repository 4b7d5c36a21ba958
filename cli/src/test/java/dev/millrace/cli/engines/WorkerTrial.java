package dev.millrace.cli.engines;

import dev.millrace.core.id.RequestId;
import dev.millrace.engine.GenerationEvent.Failed;
import dev.millrace.engine.GenerationEvent.Finished;
import dev.millrace.engine.GenerationEvent.Terminal;
import dev.millrace.engine.GenerationRequest;
import dev.millrace.engine.Prompt;
import dev.millrace.engine.Sampling;
import dev.millrace.engine.Share;
import dev.millrace.engine.Stopping;
import dev.millrace.llama.natives.NativeAbi;
import dev.millrace.testing.engine.GenerationProbe;
import dev.millrace.worker.LoadFailedException;
import dev.millrace.worker.process.RunningWorker;
import dev.millrace.worker.process.WorkerLauncher;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/// Tries a model file in a worker process on real llama.cpp: load it, ask it for a few tokens. *Thread-safe.*
final class WorkerTrial implements AutoCloseable {
    private static final long PATIENCE_SECONDS = 30;
    private static final int TOKENS = 4;

    private final ExecutorService loading = Executors.newVirtualThreadPerTaskExecutor();
    private final WorkerLauncher launcher;
    private final NativeAbi abi;

    WorkerTrial(WorkerLauncher launcher, NativeAbi abi) {
        this.launcher = launcher;
        this.abi = abi;
    }

    /// What became of a file.
    sealed interface Outcome {
        /// It answered; whatever it was.
        record Answered(int tokens) implements Outcome {}

        /// It was loaded and refused the request.
        record Declined(String reason) implements Outcome {}

        /// It could not be loaded, for this reason.
        record Refused(String reason) implements Outcome {}

        /// The worker is gone.
        record Lost(String reason) implements Outcome {}

        /// Nothing came within the time limit.
        record Hung(String where) implements Outcome {}
    }

    Outcome of(Path file) throws IOException, InterruptedException {
        Future<RunningWorker> start =
                loading.submit(() -> launcher.start(RealWorkers.order(file, abi), (phase, fraction) -> {}));
        try (RunningWorker worker = start.get(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
            return asked(worker);
        } catch (TimeoutException e) {
            start.cancel(true);
            return new Outcome.Hung("loading");
        } catch (ExecutionException e) {
            if (e.getCause() instanceof LoadFailedException refused) {
                String reason = String.valueOf(refused.getMessage());
                return reason.startsWith("the worker") ? new Outcome.Lost(reason) : new Outcome.Refused(reason);
            }
            throw new IOException(e);
        }
    }

    private static Outcome asked(RunningWorker worker) {
        Terminal end;
        GenerationProbe probe = GenerationProbe.submit(
                worker.engine(),
                new GenerationRequest(
                        new RequestId("trial"),
                        new Prompt.Text("What is Millrace?"),
                        TOKENS,
                        new Stopping(List.of(), true, 0),
                        Sampling.GREEDY,
                        Share.DEFAULT));
        try {
            end = probe.awaitEnd();
        } catch (AssertionError e) {
            return new Outcome.Hung("answering: " + e.getMessage());
        }
        return switch (end) {
            case Finished _ -> new Outcome.Answered(probe.tokens().size());
            case Failed failed
            when worker.lost().toCompletableFuture().isDone() ->
                new Outcome.Lost(worker.lost().toCompletableFuture().join());
            case Failed failed -> new Outcome.Declined(failed.code() + ": " + failed.message());
        };
    }

    @Override
    public void close() {
        loading.close();
    }
}
