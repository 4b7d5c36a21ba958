package dev.millrace.models.download;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.core.id.ModelId;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Pulls that are stopped, gone on with, and wanted twice at the same time.
@Timeout(60)
class PullTwiceIT {
    private static final byte[] CONTENT = Pages.content(300_000, 1);

    @TempDir
    Path directory;

    private FaultyServer server;
    private PullBench bench;

    @BeforeEach
    void start() throws IOException {
        server = new FaultyServer();
        bench = new PullBench(directory, server.base());
    }

    @AfterEach
    void stop() throws IOException {
        server.close();
    }

    private String at(String path) {
        return server.base() + path;
    }

    @Test
    void cancelledPullKeepsWhatItHasAndGoesOnFromThere() throws Exception {
        server.page("/m.gguf", Pages.throttled(CONTENT, 200));
        PullControl control = new PullControl();
        CompletableFuture<PullOutcome> first =
                CompletableFuture.supplyAsync(() -> bench.pull(PullRequest.of(at("/m.gguf")), control));
        server.awaitBodyBytes(200_000, 20);
        control.cancel();

        PullOutcome cancelled = first.get(5, TimeUnit.SECONDS);
        PullOutcome resumed = bench.pull(at("/m.gguf"));

        assertThat(cancelled).isInstanceOf(PullOutcome.Cancelled.class);
        assertThat(((PullOutcome.Cancelled) cancelled).bytes()).isGreaterThan(50_000);
        assertThat(resumed).isInstanceOf(PullOutcome.Pulled.class);
        assertThat(bench.leftOvers()).isEmpty();
        assertThat(((PullOutcome.Pulled) resumed).receivedBytes())
                .isEqualTo(CONTENT.length - ((PullOutcome.Cancelled) cancelled).bytes());
    }

    @Test
    void restartDiscardsWhatAnEarlierPullLeft() throws Exception {
        server.page("/m.gguf", Pages.throttled(CONTENT, 200));
        PullControl control = new PullControl();
        CompletableFuture<PullOutcome> first =
                CompletableFuture.supplyAsync(() -> bench.pull(PullRequest.of(at("/m.gguf")), control));
        server.awaitBodyBytes(200_000, 20);
        control.cancel();
        first.get(5, TimeUnit.SECONDS);

        PullOutcome again = bench.pull(new PullRequest(at("/m.gguf"), null, null, true));

        assertThat(((PullOutcome.Pulled) again).receivedBytes()).isEqualTo(CONTENT.length);
    }

    @Test
    void secondPullOfTheSameThingWaitsAndTransfersNothing() throws Exception {
        server.page("/m.gguf", Pages.throttled(CONTENT, 300));
        PullBench other = new PullBench(directory, server.base());
        CompletableFuture<PullOutcome> first = CompletableFuture.supplyAsync(() -> bench.pull(at("/m.gguf")));
        server.awaitBodyBytes(50_000, 20);

        PullOutcome second = other.pull(at("/m.gguf"));

        assertThat(second).isEqualTo(new PullOutcome.AlreadyThere(new ModelId("m")));
        assertThat(other.phases()).contains(PullPhase.WAITING);
        assertThat(other.shown).anyMatch(p -> p.phase() == PullPhase.WAITING && p.bytes() > 0);
        assertThat(first.get(5, TimeUnit.SECONDS)).isInstanceOf(PullOutcome.Pulled.class);
        assertThat(server.bodyBytes()).isEqualTo(CONTENT.length + 1);
    }

    @Test
    void waitingPullTakesOverWhenTheFirstIsCancelled() throws Exception {
        server.page("/m.gguf", Pages.throttled(CONTENT, 100));
        PullBench other = new PullBench(directory, server.base());
        PullControl control = new PullControl();
        CompletableFuture<PullOutcome> first =
                CompletableFuture.supplyAsync(() -> bench.pull(PullRequest.of(at("/m.gguf")), control));
        server.awaitBodyBytes(100_000, 20);
        CompletableFuture<PullOutcome> second = CompletableFuture.supplyAsync(() -> other.pull(at("/m.gguf")));
        server.awaitBodyBytes(150_000, 20);
        control.cancel();

        assertThat(first.get(5, TimeUnit.SECONDS)).isInstanceOf(PullOutcome.Cancelled.class);
        PullOutcome outcome = second.get(20, TimeUnit.SECONDS);
        assertThat(outcome).isInstanceOf(PullOutcome.Pulled.class);
        assertThat(((PullOutcome.Pulled) outcome).receivedBytes()).isLessThan(CONTENT.length);
    }
}
