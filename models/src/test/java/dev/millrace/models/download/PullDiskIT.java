package dev.millrace.models.download;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Disks that are full, become full, or break.
@Timeout(120)
class PullDiskIT {
    private static final byte[] CONTENT = Pages.content(400_000, 1);
    private static final String DIGEST = PullBench.sha256(CONTENT);
    private static final int MORE_THAN_A_PULL_DOES = 400;

    @TempDir
    Path directory;

    private FaultyServer server;

    @BeforeEach
    void start() throws IOException {
        server = new FaultyServer().page("/m.gguf", Pages.file(CONTENT)).page("/w.gguf", Pages.withoutRanges(CONTENT));
    }

    @AfterEach
    void stop() throws IOException {
        server.close();
    }

    private void sweep(String path, String reason, PullError expected, String words) throws IOException {
        int failures = 0;
        for (int n = 1; n < MORE_THAN_A_PULL_DOES; n++) {
            PullBench bench = new PullBench(directory.resolve(path + n), server.base());
            FullDisk disk = new FullDisk(n, reason);

            PullOutcome first = bench.disk(disk).pull(server.base() + "/" + path, DIGEST);

            if (!disk.hasFailed()) {
                assertThat(first).isInstanceOf(PullOutcome.Pulled.class);
                assertThat(failures).isGreaterThan(2);
                return;
            }
            failures++;
            assertThat(bench.landed).as("operation %d", n).isEmpty();
            assertThat(first).as("operation %d", n).isInstanceOfSatisfying(PullOutcome.Failed.class, f -> {
                assertThat(f.error()).isEqualTo(expected);
                assertThat(f.message()).contains(words);
            });
            PullOutcome second = bench.disk(Disk.REAL).pull(server.base() + "/" + path, DIGEST);
            assertThat(second).as("after room was made, operation %d", n).isInstanceOf(PullOutcome.Pulled.class);
        }
        throw new AssertionError("a pull does more than " + MORE_THAN_A_PULL_DOES + " operations");
    }

    @Test
    void diskThatFillsUpAtAnyWriteKeepsThePartAndListsNothing() throws IOException {
        sweep("m.gguf", "No space left on device", PullError.INSUFFICIENT_STORAGE, "the disk is full: make room in ");
    }

    @Test
    void diskThatFillsUpInAPullWithoutRangesListsNothing() throws IOException {
        sweep("w.gguf", "No space left on device", PullError.INSUFFICIENT_STORAGE, "and pull again");
    }

    @Test
    void diskThatBreaksAtAnyWriteOrForceListsNothing() throws IOException {
        sweep("m.gguf", "Input/output error", PullError.STORAGE_FAILED, "the disk failed at ");
    }

    @ParameterizedTest
    @ValueSource(strings = {"m.gguf", "w.gguf"})
    void missingSpaceIsToldWithBothNumbersBeforeTheTransfer(String path) {
        PullBench bench = new PullBench(directory, server.base());
        Disk small = new Disk() {
            @Override
            public OpenFile open(Path file) throws IOException {
                return Disk.REAL.open(file);
            }

            @Override
            public long usableBytes(Path where) {
                return 100 * 1024;
            }
        };

        PullOutcome outcome = bench.disk(small).pull(server.base() + "/" + path);

        assertThat(outcome).isInstanceOfSatisfying(PullOutcome.Failed.class, f -> {
            assertThat(f.error()).isEqualTo(PullError.INSUFFICIENT_STORAGE);
            assertThat(f.error().status()).isEqualTo(507);
            assertThat(f.message())
                    .contains("390.6 KiB are needed and 1.0 KiB stay free", "has 100.0 KiB", "--data-dir");
        });
        assertThat(bench.phases()).doesNotContain(PullPhase.DOWNLOADING);
    }
}
