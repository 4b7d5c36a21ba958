package dev.millrace.worker.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.core.error.ErrorCode;
import dev.millrace.core.id.ModelId;
import dev.millrace.core.id.RequestId;
import dev.millrace.core.time.NanoClock;
import dev.millrace.engine.EmbeddingEvent;
import dev.millrace.engine.Engine;
import dev.millrace.engine.GenerationEvent;
import dev.millrace.engine.GenerationRequest;
import dev.millrace.engine.Prompt;
import dev.millrace.engine.Sampling;
import dev.millrace.engine.Share;
import dev.millrace.engine.Stopping;
import dev.millrace.testing.engine.EmbeddingProbe;
import dev.millrace.testing.engine.GenerationProbe;
import dev.millrace.worker.LoadFailedException;
import dev.millrace.worker.LoadListener;
import dev.millrace.worker.transport.WorkerConnections;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// What a worker can do to a server: nothing but end.
@Timeout(60)
class WorkerFaultsIT {
    private static final LoadListener SILENT = (phase, fraction) -> {};
    private static final int STREAMS = 8;
    private static final int KILLS = 5;

    @SuppressWarnings("NullAway.Init")
    private WorkerLauncher launcher;

    private int requests;

    @BeforeEach
    void open() throws IOException {
        launcher = new WorkerLauncher(StubWorker.command(), NanoClock.SYSTEM, new SecureRandom(), StartingRoom.NONE);
    }

    @AfterEach
    void nothingIsLeft() throws InterruptedException {
        launcher.close();
        for (ProcessHandle child : children()) {
            child.onExit().orTimeout(10, TimeUnit.SECONDS).join();
        }
        assertThat(children()).isEmpty();
    }

    @Test
    void aPreparedProcessRunsTheModelItWasPreparedFor() throws Exception {
        launcher.prepare(StubWorker.order(StubWorker.GOOD).model());

        try (RunningWorker worker = launcher.start(StubWorker.order(StubWorker.GOOD), SILENT)) {
            assertThat(children()).singleElement().matches(child -> child.pid() == worker.pid());
            assertThat(GenerationProbe.complete(worker.engine(), request("Hello"))
                            .text())
                    .isNotEmpty();
        }
    }

    @Test
    void aPreparedProcessThatNobodyWantsIsGoneWithTheLauncher() throws Exception {
        launcher.prepare(new ModelId("another"));

        try (RunningWorker worker = launcher.start(StubWorker.order(StubWorker.GOOD), SILENT)) {
            assertThat(children()).hasSizeGreaterThan(1).anyMatch(child -> child.pid() == worker.pid());
        }
        launcher.close();

        assertThat(children()).isEmpty();
    }

    @Test
    void aKilledWorkerEndsItsStreamsWithAClearErrorAndWithoutAWrongToken() throws Exception {
        SplittableRandom random = new SplittableRandom(20);
        List<String> alone = new ArrayList<>();
        try (RunningWorker worker = launcher.start(StubWorker.order(StubWorker.GOOD), SILENT)) {
            for (int i = 0; i < STREAMS; i++) {
                alone.add(GenerationProbe.complete(worker.engine(), request("Stream " + i))
                        .text());
            }
        }

        for (int kill = 0; kill < KILLS; kill++) {
            try (RunningWorker worker = launcher.start(StubWorker.order(StubWorker.GOOD), SILENT)) {
                List<GenerationProbe> streams = streams(worker.engine());
                readSome(streams, random.nextInt(1, 300));

                signal("KILL", worker.pid());

                for (int i = 0; i < STREAMS; i++) {
                    GenerationEvent.Terminal end = endOf(streams.get(i));
                    assertThat(alone.get(i)).startsWith(streams.get(i).text());
                    if (end instanceof GenerationEvent.Failed failed) {
                        assertThat(failed.code()).isEqualTo(ErrorCode.ENGINE_LOST);
                    }
                }
                assertThat(worker.lost().toCompletableFuture().get(5, TimeUnit.SECONDS))
                        .containsAnyOf("signal 9", "ended its session");
            }
        }
    }

    @Test
    void embeddingsOfAKilledWorkerEndWithAnErrorAndTheNextWorkerMakesThem() throws Exception {
        String[] texts = new String[2_000];
        Arrays.setAll(texts, i -> "word ".repeat(50) + i);
        try (RunningWorker worker = launcher.start(StubWorker.order(StubWorker.GOOD), SILENT)) {
            EmbeddingProbe probe = EmbeddingProbe.submit(worker.engine(), EmbeddingProbe.texts(texts));

            signal("KILL", worker.pid());

            var end = (EmbeddingEvent.Failed) probe.awaitEnd();
            assertThat(end.code()).isEqualTo(ErrorCode.ENGINE_LOST);
            var late = (EmbeddingEvent.Failed)
                    EmbeddingProbe.complete(worker.engine(), "late").end();
            assertThat(late.code()).isEqualTo(ErrorCode.ENGINE_LOST);
        }
        try (RunningWorker worker = launcher.start(StubWorker.order(StubWorker.GOOD), SILENT)) {
            assertThat(EmbeddingProbe.complete(worker.engine(), texts).vectors())
                    .hasSize(texts.length);
        }
    }

    @Test
    void aStoppedWorkerIsFoundOutInFiveSecondsAndSaysNothingLater() throws Exception {
        try (RunningWorker stopped = launcher.start(StubWorker.order(StubWorker.GOOD), SILENT);
                RunningWorker other = launcher.start(StubWorker.order(StubWorker.GOOD), SILENT)) {
            List<GenerationProbe> streams = streams(stopped.engine());
            readSome(streams, 1);
            long stoppedNanos = System.nanoTime();

            signal("STOP", stopped.pid());

            String reason = stopped.lost().toCompletableFuture().get(8, TimeUnit.SECONDS);
            assertThat(System.nanoTime() - stoppedNanos).isLessThan(TimeUnit.SECONDS.toNanos(5));
            // Which of the two is noticed first depends on what its last word was.
            assertThat(reason).isIn("the worker does not answer", "the engine has work and gets no further");
            // Some may have ended before the signal; those in the middle are told.
            assertThat(streams.stream().map(WorkerFaultsIT::endOf)).anyMatch(GenerationEvent.Failed.class::isInstance);
            assertThat(GenerationProbe.complete(other.engine(), request("And you?"))
                            .awaitedEnd())
                    .isInstanceOf(GenerationEvent.Finished.class);
        }
    }

    @Test
    void aModelThatCannotBeLoadedIsSaidSoInTheWorkersWords() {
        assertThatThrownBy(() -> launcher.start(StubWorker.order(StubWorker.REFUSED), SILENT))
                .isInstanceOf(LoadFailedException.class)
                .hasMessage("this model cannot be run here");
    }

    @Test
    void aWorkerThatDiesWhileItLoadsIsAFailedLoad() {
        assertThatThrownBy(() -> launcher.start(StubWorker.order(StubWorker.CRASHES_LOADING), SILENT))
                .isInstanceOf(LoadFailedException.class)
                .hasMessageMatching("the worker .*: killed by signal 6");
    }

    @Test
    void aCancelledLoadLeavesNoProcess() throws Exception {
        CountDownLatch loading = new CountDownLatch(1);
        Thread loader = Thread.ofPlatform().start(() -> {
            try (RunningWorker never =
                    launcher.start(StubWorker.order(StubWorker.LOADS_FOR_EVER), (phase, fraction) -> {
                        if (fraction > 0) {
                            loading.countDown();
                        }
                    })) {
                throw new AssertionError("loaded: " + never.pid());
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            } catch (LoadFailedException e) {
                throw new AssertionError(e);
            }
        });
        assertThat(loading.await(20, TimeUnit.SECONDS)).isTrue();

        loader.interrupt();

        loader.join(TimeUnit.SECONDS.toMillis(10));
        assertThat(loader.isAlive()).isFalse();
        assertThat(children()).isEmpty();
    }

    @Test
    void aWorkerThatFloodsItsLogIsNotHeldUpByIt() throws Exception {
        try (RunningWorker worker = launcher.start(StubWorker.order(StubWorker.FLOODS), SILENT)) {
            assertThat(GenerationProbe.complete(worker.engine(), request("Still there?"))
                            .awaitedEnd())
                    .isInstanceOf(GenerationEvent.Finished.class);
        }
    }

    @Test
    void aWorkerEndsWithItsStandardInput(@org.junit.jupiter.api.io.TempDir Path directory) throws Exception {
        Process process = StubWorker.command().builder(directory.resolve("s")).start();
        process.getOutputStream().write("secret\n".getBytes(java.nio.charset.StandardCharsets.UTF_8));
        process.getOutputStream().flush();
        assertThat(process.inputReader().readLine()).isEqualTo("listening");

        process.getOutputStream().close();

        assertThat(process.waitFor(2, TimeUnit.SECONDS)).isTrue();
        try (Stream<Path> left = Files.list(directory)) {
            assertThat(left).isEmpty();
        }
    }

    @Test
    void whoeverDoesNotKnowTheSecretIsNotLetIn(@org.junit.jupiter.api.io.TempDir Path directory) throws Exception {
        Path socket = directory.resolve("s");
        Process process = StubWorker.command().builder(socket).start();
        process.getOutputStream().write("right\n".getBytes(java.nio.charset.StandardCharsets.UTF_8));
        process.getOutputStream().flush();
        assertThat(process.inputReader().readLine()).isEqualTo("listening");

        try (WorkerConnections connections = new WorkerConnections(NanoClock.SYSTEM)) {
            var stranger = connections.open(socket, "wrong", StubWorker.order(StubWorker.GOOD), SILENT);

            assertThatThrownBy(() -> stranger.opened().get(10, TimeUnit.SECONDS))
                    .hasCauseInstanceOf(LoadFailedException.class);
        } finally {
            process.getOutputStream().close();
            assertThat(process.waitFor(5, TimeUnit.SECONDS)).isTrue();
        }
    }

    @Test
    void whenMemoryRunsOutTheKernelTakesAWorkerAndNotTheServer() throws Exception {
        Path own = Path.of("/proc/self/oom_score_adj");
        try (RunningWorker worker = launcher.start(StubWorker.order(StubWorker.GOOD), SILENT)) {
            Path theirs = Path.of("/proc/" + worker.pid() + "/oom_score_adj");

            assertThat(Integer.parseInt(Files.readString(theirs).strip()))
                    .isGreaterThanOrEqualTo(500)
                    .isGreaterThan(Integer.parseInt(Files.readString(own).strip()));
        }
    }

    @Test
    void aWorkerSeesNothingOfTheServersEnvironment() throws Exception {
        try (RunningWorker worker = launcher.start(StubWorker.order(StubWorker.GOOD), SILENT)) {
            String environment = Files.readString(Path.of("/proc/" + worker.pid() + "/environ"));
            String arguments = Files.readString(Path.of("/proc/" + worker.pid() + "/cmdline"));

            assertThat(environment.split("\0")).containsExactly("PATH=/usr/bin:/bin");
            assertThat(arguments).doesNotContain("secret");
        }
    }

    private static GenerationEvent.Terminal endOf(GenerationProbe stream) {
        boolean ended = !stream.events().isEmpty() && stream.events().getLast() instanceof GenerationEvent.Terminal;
        return ended ? stream.awaitedEnd() : stream.awaitEnd();
    }

    /// Reads all streams as they come, until `count` tokens are there.
    private static void readSome(List<GenerationProbe> streams, int count) {
        int read = 0;
        while (read < count) {
            LockSupport.parkNanos(200_000);
            streams.forEach(GenerationProbe::readAvailable);
            read = streams.stream().mapToInt(stream -> stream.tokens().size()).sum();
        }
    }

    private List<GenerationProbe> streams(Engine engine) {
        List<GenerationProbe> streams = new ArrayList<>();
        for (int i = 0; i < STREAMS; i++) {
            streams.add(GenerationProbe.submit(engine, request("Stream " + i)));
        }
        return streams;
    }

    private GenerationRequest request(String text) {
        return new GenerationRequest(
                new RequestId("fault-" + requests++),
                new Prompt.Text(text),
                100,
                new Stopping(List.of(), true, 0),
                Sampling.GREEDY,
                Share.DEFAULT);
    }

    private static void signal(String name, long pid) throws IOException, InterruptedException {
        assertThat(new ProcessBuilder("kill", "-" + name, Long.toString(pid))
                        .start()
                        .waitFor())
                .isZero();
    }

    private static List<ProcessHandle> children() {
        return ProcessHandle.current().children().toList();
    }
}
