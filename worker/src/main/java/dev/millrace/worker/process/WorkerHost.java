package dev.millrace.worker.process;

import dev.millrace.worker.EngineOpener;
import dev.millrace.worker.transport.WorkerEndpoint;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.CountDownLatch;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What runs inside a worker process: serves one server until that leaves. Used by `millrace worker` and by
/// tests.
public final class WorkerHost {
    private static final Logger LOG = LoggerFactory.getLogger(WorkerHost.class);

    /// The line on standard output that says the socket can be connected to.
    static final String LISTENING = "listening";

    private static final Path STATUS = Path.of("/proc/self/statm");
    private static final Path OOM_SCORE = Path.of("/proc/self/oom_score_adj");
    /// Of 1,000: as if half of the machine's memory were taken on top. Everybody may make their own process a likelier
    /// victim.
    private static final String OOM_SCORE_OF_A_WORKER = "500";

    private static final long PAGE_BYTES = 4096;
    private static final int RESIDENT_FIELD = 1;

    private WorkerHost() {}

    /// Reads the secret from the first line of `in`, listens, says so on `out`, and returns when `in` ends
    /// or the server has left; the
    /// caller then ends the process, for native code may still be busy.
    ///
    /// @param opener loads what the server orders
    public static void run(Path socket, InputStream in, PrintStream out, EngineOpener opener)
            throws IOException, InterruptedException {
        BufferedReader reader = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8));
        String secret = reader.readLine();
        if (secret == null) {
            throw new IOException("no secret on standard input: a worker is started by a server, not by hand");
        }
        beFirstWhenMemoryRunsOut();
        CountDownLatch over = new CountDownLatch(1);
        try (WorkerEndpoint endpoint = WorkerEndpoint.listen(socket, secret, opener, WorkerHost::residentBytes)) {
            Thread.ofPlatform().daemon().name("watch-stdin").start(() -> {
                awaitEndOf(reader);
                over.countDown();
            });
            Thread.ofPlatform().daemon().name("watch-session").start(() -> {
                try {
                    endpoint.awaitEnd();
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
                over.countDown();
            });
            out.println(LISTENING);
            out.flush();
            over.await();
        } finally {
            Files.deleteIfExists(socket);
        }
    }

    /// When the machine runs out of memory the kernel is to end a worker, whose model comes back, and not its server or
    /// what else this person runs.
    private static void beFirstWhenMemoryRunsOut() {
        try {
            Files.writeString(OOM_SCORE, OOM_SCORE_OF_A_WORKER, StandardOpenOption.WRITE);
        } catch (IOException e) {
            LOG.debug("event=oom_score_unchanged", e);
        }
    }

    private static void awaitEndOf(BufferedReader reader) {
        try {
            reader.transferTo(java.io.Writer.nullWriter());
        } catch (IOException e) {
            // A broken pipe is an ended one.
            return;
        }
    }

    /// Memory of this process, as the kernel counts it; 0 where there is no /proc.
    private static long residentBytes() {
        try {
            String[] fields = Files.readString(STATUS).split(" ", RESIDENT_FIELD + 2);
            return Long.parseLong(fields[RESIDENT_FIELD]) * PAGE_BYTES;
        } catch (IOException | RuntimeException e) {
            return 0;
        }
    }
}
