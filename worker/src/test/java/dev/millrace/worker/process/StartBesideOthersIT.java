package dev.millrace.worker.process;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.core.id.RequestId;
import dev.millrace.core.time.NanoClock;
import dev.millrace.engine.GenerationRequest;
import dev.millrace.engine.Prompt;
import dev.millrace.engine.Sampling;
import dev.millrace.engine.Share;
import dev.millrace.engine.Stopping;
import dev.millrace.testing.engine.GenerationProbe;
import dev.millrace.worker.LoadListener;
import dev.millrace.worker.LoadPhase;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// What a worker that starts does to those that answer: as little as can be.
@Timeout(60)
class StartBesideOthersIT {
    private final List<String> events = new CopyOnWriteArrayList<>();
    private final int usual = nice(Path.of("/proc/self"));

    @SuppressWarnings("NullAway.Init")
    private WorkerLauncher launcher;

    @BeforeEach
    void open() throws IOException {
        launcher = new WorkerLauncher(StubWorker.command(), NanoClock.SYSTEM, new SecureRandom(), directory -> {
            events.add("room made");
            return () -> events.add("given back");
        });
    }

    @AfterEach
    void close() {
        launcher.close();
    }

    @Test
    void roomIsMadeOnlyWhileOthersAnswerAndGivenBackBeforeTheFirstSteps() throws Exception {
        LoadListener phases = (phase, fraction) -> events.add(phase.toString());
        try (RunningWorker first = launcher.start(StubWorker.order(StubWorker.GOOD), phases)) {
            assertThat(events).as("nobody answered").doesNotContain("room made");
            GenerationProbe answer = answering(first);
            events.clear();

            try (RunningWorker second = launcher.start(StubWorker.order(StubWorker.GOOD), phases)) {
                assertThat(second.pid()).isNotEqualTo(first.pid());
                assertThat(events.subList(0, 5))
                        .containsExactly("STARTING", "room made", "LOADING", "given back", "WARMING");
            }
            answer.generation().cancel();
        }
    }

    @Test
    void aStartThatFailsGivesItsRoomBack() throws Exception {
        try (RunningWorker first = launcher.start(StubWorker.order(StubWorker.GOOD), (phase, fraction) -> {})) {
            GenerationProbe answer = answering(first);

            assertThat(org.assertj.core.api.Assertions.catchThrowable(
                            () -> launcher.start(StubWorker.order(StubWorker.REFUSED), (phase, fraction) -> {})))
                    .isInstanceOf(dev.millrace.worker.LoadFailedException.class);

            assertThat(events).containsExactly("room made", "given back");
            answer.generation().cancel();
        }
    }

    @Test
    void aProcessHasALowPriorityUntilItIsReady() throws Exception {
        Set<Integer> whileLoading = new ConcurrentSkipListSet<>();
        try (RunningWorker first = launcher.start(StubWorker.order(StubWorker.GOOD), (phase, fraction) -> {})) {
            assertThat(priorities(first.pid())).as("alone").containsExactly(usual);
            GenerationProbe answer = answering(first);
            LoadListener look = (phase, fraction) -> {
                if (phase == LoadPhase.LOADING) {
                    others(first.pid()).forEach(pid -> whileLoading.addAll(priorities(pid)));
                }
            };

            try (RunningWorker second = launcher.start(StubWorker.order(StubWorker.GOOD), look)) {
                boolean possible = LowPriority.ofThisProcess().isPossible();
                assertThat(whileLoading).containsExactly(possible ? usual + LowPriority.STEPS : usual);
                assertThat(priorities(second.pid())).as("ready").containsExactly(usual);
            }
            answer.generation().cancel();
        }
    }

    /// An answer that nobody reads: it begins and then waits for its reader.
    private static GenerationProbe answering(RunningWorker worker) {
        GenerationProbe answer = GenerationProbe.submit(
                worker.engine(),
                new GenerationRequest(
                        new RequestId("unread"),
                        new Prompt.Text("Tell me everything"),
                        200,
                        new Stopping(List.of(), true, 0),
                        Sampling.GREEDY,
                        Share.DEFAULT));
        answer.awaitTokens(1);
        // What the server knows of it comes behind the token.
        while (worker.engine().status().runningSequences() == 0) {
            Thread.onSpinWait();
        }
        return answer;
    }

    private static List<Long> others(long pid) {
        return ProcessHandle.current()
                .children()
                .map(ProcessHandle::pid)
                .filter(child -> child != pid)
                .toList();
    }

    /// Of all threads of a process.
    private static Set<Integer> priorities(long pid) {
        Set<Integer> found = new TreeSet<>();
        try (Stream<Path> threads = Files.list(Path.of("/proc", Long.toString(pid), "task"))) {
            for (Path thread : new ArrayList<>(threads.toList())) {
                if (Files.exists(thread)) {
                    found.add(nice(thread));
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return found;
    }

    private static int nice(Path process) {
        try {
            return LowPriority.nice(Files.readString(process.resolve("stat")));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
