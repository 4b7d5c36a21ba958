package dev.millrace.worker.process;

import dev.millrace.core.id.ModelId;
import dev.millrace.core.time.NanoClock;
import dev.millrace.worker.LoadFailedException;
import dev.millrace.worker.LoadListener;
import dev.millrace.worker.LoadOrder;
import dev.millrace.worker.LoadPhase;
import dev.millrace.worker.transport.WorkerConnections;
import dev.millrace.worker.transport.WorkerEngine;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Starts workers and sees to their end. *Thread-safe.*
///
/// A worker that does not answer, whose engine gets no further, that breaks the protocol or whose process
/// ends is lost: its requests end
/// with an error, and whatever is left of the process is killed.
///
/// While other workers answer, one that starts and loads has a low priority until it is ready.
public final class WorkerLauncher implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(WorkerLauncher.class);
    private static final int SECRET_BYTES = 32;
    private static final long END_MILLIS = 1_000;

    private final WorkerCommand command;
    private final NanoClock clock;
    private final RandomGenerator secrets;
    private final StartingRoom room;
    private final WorkerConnections connections;
    private final Path directory;
    private final AtomicInteger epochs = new AtomicInteger();
    private final AtomicReference<@Nullable Prepared> prepared = new AtomicReference<>();
    private final Set<WorkerEngine> engines = ConcurrentHashMap.newKeySet();
    private final LowPriority lowPriority = LowPriority.ofThisProcess();

    /// A process that listens and has no model yet.
    private record Child(WorkerProcess process, Path socket, String secret, int epoch, boolean lowered) {}

    /// A process that is started before anybody asks for its model.
    private record Prepared(ModelId model, Thread starting, CompletableFuture<Child> child) {}

    /// @param secrets a source of chance that cannot be guessed
    /// @param room made for processes that start while other workers answer
    /// @throws IOException if there is no place for sockets
    public WorkerLauncher(WorkerCommand command, NanoClock clock, RandomGenerator secrets, StartingRoom room)
            throws IOException {
        this.command = command;
        this.clock = clock;
        this.secrets = secrets;
        this.room = room;
        // Short and ours alone: the path of a socket may have 107 bytes, and a directory of this kind
        // nobody else can enter.
        this.directory = Files.createTempDirectory("millrace-");
        this.connections = new WorkerConnections(clock);
    }

    /// Starts the process for the first [#start] of a model that is sure to come soon, while the caller has other
    /// things
    /// to do. Returns at once.
    public void prepare(ModelId model) {
        CompletableFuture<Child> child = new CompletableFuture<>();
        Thread starting = Thread.ofVirtual().name("prepare-" + model).unstarted(() -> {
            try {
                child.complete(launch(model));
            } catch (LoadFailedException e) {
                child.completeExceptionally(e);
            } catch (InterruptedException e) {
                // Nobody wants it any more, and nothing is left of it.
                child.cancel(false);
            }
        });
        starting.start();
        discard(prepared.getAndSet(new Prepared(model, starting, child)));
    }

    /// Starts a worker and waits until its model is loaded. When interrupted, nothing is left of it.
    ///
    /// @throws LoadFailedException if the model cannot be run; nothing is left of the worker then
    public RunningWorker start(LoadOrder order, LoadListener listener)
            throws LoadFailedException, InterruptedException {
        listener.at(LoadPhase.STARTING, 0);
        StartingRoom.Held held = othersAnswer() ? room.make(directory) : () -> {};
        try {
            return load(order, (phase, fraction) -> {
                if (phase == LoadPhase.WARMING) {
                    // From here on it takes cores itself, step by step.
                    held.giveBack();
                }
                listener.at(phase, fraction);
            });
        } finally {
            held.giveBack();
        }
    }

    private RunningWorker load(LoadOrder order, LoadListener listener)
            throws LoadFailedException, InterruptedException {
        Child child = child(order.model());
        WorkerProcess process = child.process();
        int epoch = child.epoch();
        boolean loaded = false;
        CompletableFuture<String> ended = process.ended();
        WorkerEngine engine = connections.open(child.socket(), child.secret(), order, listener);
        engines.add(engine);
        var _ = ended.thenAccept(end -> engine.lose("the worker process ended: " + end));
        var _ = engine.lost().thenAccept(reason -> {
            engines.remove(engine);
            LOG.info(
                    "event=worker_ended model={} epoch={} pid={} reason=\"{}\"",
                    order.model(),
                    epoch,
                    process.pid(),
                    reason);
            if (!reason.equals(WorkerEngine.CLOSED)) {
                process.kill();
            }
        });
        try {
            engine.opened().get();
            if (child.lowered()) {
                lowPriority.end(process.pid());
            }
            loaded = true;
            return new RunningWorker(process, engine);
        } catch (ExecutionException e) {
            String why = e.getCause() == null
                    ? "unknown"
                    : String.valueOf(e.getCause().getMessage());
            throw new LoadFailedException(
                    why.equals(WorkerEngine.SESSION_ENDED) ? why + ": " + howItEnded(ended) : why, e.getCause());
        } finally {
            if (!loaded) {
                engine.close();
                process.close();
            }
        }
    }

    private Child child(ModelId model) throws LoadFailedException, InterruptedException {
        Prepared waiting = prepared.get();
        if (waiting == null || !waiting.model().equals(model) || !prepared.compareAndSet(waiting, null)) {
            return launch(model);
        }
        try {
            return waiting.child().get();
        } catch (InterruptedException e) {
            discard(waiting);
            throw e;
        } catch (ExecutionException e) {
            String why = e.getCause() == null
                    ? "unknown"
                    : String.valueOf(e.getCause().getMessage());
            throw new LoadFailedException(why, e.getCause());
        }
    }

    private Child launch(ModelId model) throws LoadFailedException, InterruptedException {
        int epoch = epochs.incrementAndGet();
        Path socket = directory.resolve(epoch + ".sock");
        String secret = newSecret();
        boolean lowered = lowPriority.isPossible() && othersAnswer();
        WorkerCommand words = lowered ? command.with(lowPriority) : command;
        WorkerProcess process = WorkerProcess.start(words, model, socket, secret, clock);
        LOG.info("event=worker_started model={} epoch={} pid={} lowered={}", model, epoch, process.pid(), lowered);
        return new Child(process, socket, secret, epoch, lowered);
    }

    private boolean othersAnswer() {
        return engines.stream().map(WorkerEngine::status).anyMatch(status -> status.runningSequences() > 0);
    }

    /// Sees to it that nothing is left of a process that nobody wants.
    private static void discard(@Nullable Prepared unwanted) {
        if (unwanted == null) {
            return;
        }
        unwanted.starting().interrupt();
        try {
            unwanted.starting().join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        var _ = unwanted.child().thenAccept(child -> child.process().close());
    }

    /// The socket of a process that dies closes before its parent is told how it died.
    private static String howItEnded(CompletableFuture<String> ended) throws InterruptedException {
        try {
            return ended.get(END_MILLIS, TimeUnit.MILLISECONDS);
        } catch (ExecutionException | TimeoutException e) {
            return "its process still runs";
        }
    }

    private String newSecret() {
        byte[] bytes = new byte[SECRET_BYTES];
        secrets.nextBytes(bytes);
        return HexFormat.of().formatHex(bytes);
    }

    /// Closes the connections; workers that still run are lost and end.
    @Override
    public void close() {
        discard(prepared.getAndSet(null));
        connections.close();
        try (Stream<Path> left = Files.list(directory)) {
            // What workers share lies beside their sockets.
            for (Path file : left.toList()) {
                Files.deleteIfExists(file);
            }
            Files.deleteIfExists(directory);
        } catch (IOException e) {
            LOG.debug("event=sockets_left directory={}", directory, e);
        }
    }
}
