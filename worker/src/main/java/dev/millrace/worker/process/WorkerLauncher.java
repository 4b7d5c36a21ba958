package dev.millrace.worker.process;

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
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Starts workers and sees to their end. *Thread-safe.*
///
/// A worker that does not answer, whose engine gets no further, that breaks the protocol or whose process
/// ends is lost: its requests end
/// with an error, and whatever is left of the process is killed.
public final class WorkerLauncher implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(WorkerLauncher.class);
    private static final int SECRET_BYTES = 32;
    private static final long END_MILLIS = 1_000;

    private final WorkerCommand command;
    private final NanoClock clock;
    private final RandomGenerator secrets;
    private final WorkerConnections connections;
    private final Path directory;
    private final AtomicInteger epochs = new AtomicInteger();

    /// @param secrets a source of chance that cannot be guessed
    /// @throws IOException if there is no place for sockets
    public WorkerLauncher(WorkerCommand command, NanoClock clock, RandomGenerator secrets) throws IOException {
        this.command = command;
        this.clock = clock;
        this.secrets = secrets;
        // Short and ours alone: the path of a socket may have 107 bytes, and a directory of this kind
        // nobody else can enter.
        this.directory = Files.createTempDirectory("millrace-");
        this.connections = new WorkerConnections(clock);
    }

    /// Starts a worker and waits until its model is loaded. When interrupted, nothing is left of it.
    ///
    /// @throws LoadFailedException if the model cannot be run; nothing is left of the worker then
    public RunningWorker start(LoadOrder order, LoadListener listener)
            throws LoadFailedException, InterruptedException {
        int epoch = epochs.incrementAndGet();
        Path socket = directory.resolve(epoch + ".sock");
        String secret = newSecret();
        listener.at(LoadPhase.STARTING, 0);
        WorkerProcess process = WorkerProcess.start(command, order.model(), socket, secret, clock);
        LOG.info("event=worker_started model={} epoch={} pid={}", order.model(), epoch, process.pid());
        boolean loaded = false;
        CompletableFuture<String> ended = process.ended();
        WorkerEngine engine = connections.open(socket, secret, order, listener);
        var _ = ended.thenAccept(end -> engine.lose("the worker process ended: " + end));
        var _ = engine.lost().thenAccept(reason -> {
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
        connections.close();
        try {
            Files.deleteIfExists(directory);
        } catch (IOException e) {
            LOG.debug("event=sockets_left directory={}", directory, e);
        }
    }
}
