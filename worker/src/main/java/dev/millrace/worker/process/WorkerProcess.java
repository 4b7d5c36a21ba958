package dev.millrace.worker.process;

import dev.millrace.core.id.ModelId;
import dev.millrace.core.time.NanoClock;
import dev.millrace.worker.LoadFailedException;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One child process: its pipes, its socket, its end. *Thread-safe.*
///
/// The child ends by itself when its standard input does, which the system closes for us however we end.
final class WorkerProcess implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(WorkerProcess.class);
    private static final long START_SECONDS = 20;
    private static final long LEAVE_MILLIS = 1_000;
    private static final int SIGNALLED = 128;

    private final ModelId model;
    private final Process process;
    private final Path socket;
    private final OutputStream stdin;

    private WorkerProcess(ModelId model, Process process, Path socket) {
        this.model = model;
        this.process = process;
        this.socket = socket;
        this.stdin = process.getOutputStream();
    }

    /// Starts a child and waits until it listens.
    static WorkerProcess start(WorkerCommand command, ModelId model, Path socket, String secret, NanoClock clock)
            throws LoadFailedException, InterruptedException {
        Process process;
        try {
            process = command.builder(socket).start();
        } catch (IOException e) {
            throw new LoadFailedException("cannot start a worker process: " + e.getMessage(), e);
        }
        WorkerProcess worker = new WorkerProcess(model, process, socket);
        boolean listens = false;
        try {
            Thread.ofVirtual().name("log-" + model).start(new WorkerLog(model, process.getErrorStream(), clock));
            worker.stdin.write((secret + "\n").getBytes(StandardCharsets.UTF_8));
            worker.stdin.flush();
            worker.awaitListening();
            listens = true;
            return worker;
        } catch (IOException e) {
            throw new LoadFailedException("the worker process ended as it started: " + worker.awaitEnd(), e);
        } finally {
            if (!listens) {
                worker.close();
            }
        }
    }

    private void awaitListening() throws IOException, InterruptedException {
        CompletableFuture<String> firstLine = new CompletableFuture<>();
        Thread.ofVirtual().name("out-" + model).start(() -> readOutput(firstLine));
        try {
            String line = firstLine.get(START_SECONDS, TimeUnit.SECONDS);
            if (!line.equals(WorkerHost.LISTENING)) {
                throw new IOException("it said something else");
            }
        } catch (TimeoutException e) {
            process.destroyForcibly();
            throw new IOException("it did not listen within " + START_SECONDS + " s", e);
        } catch (ExecutionException e) {
            throw new IOException(e);
        }
    }

    /// Native code may write to standard output too: read to the end, or it would block one day.
    private void readOutput(CompletableFuture<String> firstLine) {
        try (BufferedReader reader =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            firstLine.complete(String.valueOf(reader.readLine()));
            reader.transferTo(java.io.Writer.nullWriter());
        } catch (IOException e) {
            firstLine.completeExceptionally(e);
        }
    }

    private String awaitEnd() throws InterruptedException {
        return process.waitFor(LEAVE_MILLIS, TimeUnit.MILLISECONDS)
                ? describeEnd(process.exitValue())
                : "it still runs";
    }

    long pid() {
        return process.pid();
    }

    /// Completed with a description once the process has ended.
    CompletableFuture<String> ended() {
        return process.onExit().thenApply(p -> describeEnd(p.exitValue()));
    }

    static String describeEnd(int status) {
        if (status > SIGNALLED) {
            return "killed by signal " + (status - SIGNALLED);
        }
        return "exit status " + status;
    }

    /// Ends the process: politely, and by force when it does not listen.
    @Override
    public void close() {
        try {
            stdin.close();
        } catch (IOException e) {
            LOG.debug("event=worker_stdin model={}", model, e);
        }
        try {
            if (!process.waitFor(LEAVE_MILLIS, TimeUnit.MILLISECONDS)) {
                process.destroyForcibly().waitFor();
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
        removeSocket();
    }

    /// Ends a process that hangs or was given up: it would not listen to anything polite.
    void kill() {
        process.destroyForcibly();
        removeSocket();
    }

    private void removeSocket() {
        try {
            Files.deleteIfExists(socket);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot remove " + socket, e);
        }
    }
}
