package dev.millrace.models.download;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestReporter;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// A pull in a process of its own, killed again and again with SIGKILL. The moments come from a seed; a failure prints
/// it.
/// More rounds: `-Dmillrace.pull.kills=50`; one seed: `-Dmillrace.simulation.seed=SEED`.
@Timeout(300)
class PullInterruptionIT {
    private static final int KILLS = Integer.getInteger("millrace.pull.kills", 15);
    private static final int BYTES_PER_KILL = 2 << 20;
    private static final int BYTES_PER_MILLI = 2 * 1024;

    @TempDir
    Path directory;

    @Test
    void killedPullsGoOnAndEndWithTheRightBytes(TestReporter reporter) throws Exception {
        long seed = Long.getLong("millrace.simulation.seed", 20261123L);
        SplittableRandom random = new SplittableRandom(seed);
        byte[] content = Pages.content((KILLS + 1) * BYTES_PER_KILL, seed);
        String digest = PullBench.sha256(content);
        try (FaultyServer server = new FaultyServer().page("/m.gguf", Pages.throttled(content, BYTES_PER_MILLI))) {
            for (int round = 0; round < KILLS; round++) {
                Process pull = start(server, digest);
                server.awaitBodyBytes(server.bodyBytes() + random.nextLong(BYTES_PER_KILL / 2), 20);
                assertThat(pull.isAlive())
                        .as("round %d of seed %d: runs, and not: %s", round, seed, Files.readString(said()))
                        .isTrue();
                pull.destroyForcibly();
                assertThat(pull.waitFor(10, TimeUnit.SECONDS)).isTrue();
            }
            PullBench last = PullChild.bench(directory, server.base());

            PullOutcome outcome = last.pull(server.base() + "/m.gguf", digest);

            reporter.publishEntry("served of " + content.length, String.valueOf(server.bodyBytes()));
            assertThat(outcome).as("seed %d", seed).isInstanceOf(PullOutcome.Pulled.class);
            assertThat(((PullOutcome.Pulled) outcome).files().getFirst().sha256())
                    .isEqualTo(digest);
            assertThat(((PullOutcome.Pulled) outcome).receivedBytes())
                    .as("what the last pull still had to fetch of %d, seed %d", content.length, seed)
                    .isLessThan(content.length);
            assertThat(server.bodyBytes())
                    .as("bytes served for a file of %d, seed %d", content.length, seed)
                    .isLessThan(2L * content.length);
        }
    }

    private Process start(FaultyServer server, String digest) throws IOException {
        return new ProcessBuilder(
                        ProcessHandle.current().info().command().orElse("java"),
                        "-XX:+UseSerialGC",
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                        PullChild.class.getName(),
                        directory.toString(),
                        server.base().toString(),
                        digest)
                .redirectErrorStream(true)
                .redirectOutput(said().toFile())
                .start();
    }

    private Path said() {
        return directory.resolve("child.txt");
    }
}
