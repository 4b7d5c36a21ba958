package dev.millrace.models.download;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.core.id.ModelId;
import dev.millrace.gguf.InvalidGgufException;
import dev.millrace.models.catalogue.StoredFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Whole pulls from a server that misbehaves on order.
@Timeout(60)
class PullerIT {
    private static final byte[] CONTENT = Pages.content(300_000, 1);
    private static final String DIGEST = PullBench.sha256(CONTENT);

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

    private static String tree(String... pathsAndDigests) {
        StringBuilder json = new StringBuilder("[{\"type\":\"directory\",\"path\":\"x\",\"size\":0}");
        for (int i = 0; i < pathsAndDigests.length; i += 2) {
            json.append(",{\"type\":\"file\",\"oid\":\"1\",\"size\":")
                    .append(CONTENT.length)
                    .append(",\"path\":\"")
                    .append(pathsAndDigests[i])
                    .append("\",\"lfs\":{\"oid\":\"")
                    .append(pathsAndDigests[i + 1])
                    .append("\",\"size\":")
                    .append(CONTENT.length)
                    .append(",\"pointerSize\":134}}");
        }
        return json.append("]").toString();
    }

    private void assertFailed(PullOutcome outcome, PullError error, String... words) {
        assertThat(outcome).isInstanceOfSatisfying(PullOutcome.Failed.class, f -> {
            assertThat(f.error()).isEqualTo(error);
            assertThat(f.message()).contains(words);
        });
        assertThat(bench.landed).isEmpty();
    }

    private void assertLanded(PullOutcome outcome, String name) throws IOException {
        assertThat(outcome).isInstanceOf(PullOutcome.Pulled.class);
        StoredFile file =
                java.util.Objects.requireNonNull(bench.landed.get(name)).getFirst();
        assertThat(PullBench.sha256(Files.readAllBytes(file.path()))).isEqualTo(DIGEST);
        assertThat(file.sha256()).isEqualTo(DIGEST);
        assertThat(bench.leftOvers()).isEmpty();
    }

    @Test
    void fileOfAHubIsFetchedInPartsVerifiedAndLanded() throws IOException {
        server.page("/api/models/org/repo/tree/main?recursive=true", Pages.chunkedJson(tree("m-Q4_K_M.gguf", DIGEST)))
                .page("/org/repo/resolve/main/m-Q4_K_M.gguf", Pages.file(CONTENT));

        PullOutcome outcome = bench.pull("org/repo");

        assertLanded(outcome, "m-Q4_K_M");
        assertThat(outcome)
                .isEqualTo(new PullOutcome.Pulled(
                        new ModelId("m-Q4_K_M"), ((PullOutcome.Pulled) outcome).files(), CONTENT.length, true));
        assertThat(server.requests().stream().filter(r -> r.range() != null)).hasSizeGreaterThan(3);
        assertThat(bench.phases())
                .containsExactly(
                        PullPhase.RESOLVING,
                        PullPhase.CHECKING_SPACE,
                        PullPhase.DOWNLOADING,
                        PullPhase.VERIFYING,
                        PullPhase.DONE);
        assertThat(bench.origins).containsExactly(server.base() + "/org/repo");
    }

    @Test
    void allFilesOfASplitModelArePulledAsOne() throws IOException {
        String one = "big-Q8_0-00001-of-00002.gguf";
        String two = "big-Q8_0-00002-of-00002.gguf";
        server.page(
                        "/api/models/org/repo/tree/v1?recursive=true",
                        Pages.chunkedJson(tree(two, DIGEST), "Link: <" + server.base() + "/next>; rel=\"next\""))
                .page("/next", Pages.chunkedJson(tree(one, DIGEST, "mmproj-f16.gguf", DIGEST)))
                .page("/org/repo/resolve/v1/" + one, Pages.file(CONTENT))
                .page("/org/repo/resolve/v1/" + two, Pages.file(CONTENT));

        PullOutcome outcome = bench.pull("org/repo:q8_0@v1");

        assertThat(outcome).isInstanceOf(PullOutcome.Pulled.class);
        assertThat(bench.landed).containsOnlyKeys("big-Q8_0");
        assertThat(((PullOutcome.Pulled) outcome)
                        .files().stream().map(f -> f.path().getFileName().toString()))
                .containsExactly(one, two);
        assertThat(bench.shown.getLast().totalBytes()).isEqualTo(2L * CONTENT.length);
        assertThat(bench.shown.getLast().bytes()).isEqualTo(2L * CONTENT.length);
    }

    @Test
    void addressOfAFilesPageOnTheHubMeansThatFile() throws IOException {
        server.page("/api/models/org/repo/tree/main?recursive=true", Pages.chunkedJson(tree("m.gguf", DIGEST)))
                .page("/org/repo/resolve/main/m.gguf", Pages.file(CONTENT));

        PullOutcome outcome = bench.pull(at("/org/repo/blob/main/m.gguf"));

        assertLanded(outcome, "m");
        assertThat(((PullOutcome.Pulled) outcome).digestsStated()).isTrue();
    }

    @Test
    void digestIsOnlyRecordedWhereTheSourceStatesNone() throws IOException {
        server.page("/some.gguf", Pages.file(CONTENT));

        PullOutcome outcome = bench.pull(at("/some.gguf"));

        assertLanded(outcome, "some");
        assertThat(((PullOutcome.Pulled) outcome).digestsStated()).isFalse();
    }

    @Test
    void sourceThatIgnoresRangesIsReadInOnePiece() throws IOException {
        server.page("/m.gguf", Pages.withoutRanges(CONTENT));

        PullOutcome outcome = bench.pull(at("/m.gguf"), DIGEST);

        assertLanded(outcome, "m");
        assertThat(server.requests()).hasSize(1);
    }

    @Test
    void sourceWithoutRangesStartsAgainAfterACut() throws IOException {
        Page cut = new Page(CONTENT.length / 2);
        server.page("/m.gguf", Pages.first(1, cut.page(), Pages.withoutRanges(CONTENT)));

        PullOutcome outcome = bench.pull(at("/m.gguf"), DIGEST);

        assertLanded(outcome, "m");
        assertThat(((PullOutcome.Pulled) outcome).receivedBytes()).isEqualTo(CONTENT.length + CONTENT.length / 2);
    }

    private record Page(int bytes) {
        FaultyServer.Page page() {
            return (request, wire) -> {
                wire.head(200, "Content-Length: " + CONTENT.length);
                wire.body(CONTENT, 0, bytes);
            };
        }
    }

    @Test
    void brokenConnectionsGoOnWhereTheyBroke() throws IOException {
        server.page("/m.gguf", Pages.cutting(CONTENT, 30_000, n -> true));

        PullOutcome outcome = bench.parts(2).pull(at("/m.gguf"), DIGEST);

        assertLanded(outcome, "m");
        assertThat(((PullOutcome.Pulled) outcome).receivedBytes()).isEqualTo(CONTENT.length);
    }

    @Test
    void silentSourceIsTriedAFewTimesThenReportedAsStalled() {
        server.page("/m.gguf", (request, wire) -> {
            long[] range = Pages.rangeHead(CONTENT, Pages.TAG, request, wire);
            if (range[1] > range[0]) {
                wire.idle(60_000);
            } else {
                wire.body(CONTENT, 0, 1);
            }
        });

        PullOutcome outcome = bench.parts(1)
                .pause((stopped, longest) -> stopped.await(300, TimeUnit.MILLISECONDS))
                .pull(at("/m.gguf"));

        assertFailed(outcome, PullError.STALLED, "127.0.0.1 sent nothing for too long, 3 times in a row");
        assertThat(server.requests()).hasSize(4);
        assertThat(bench.shown).anyMatch(p -> p.note().contains("next try in"));
    }

    @Test
    void sourceThatDripsIsStalledToo() {
        server.page("/m.gguf", (request, wire) -> {
            long[] range = Pages.rangeHead(CONTENT, Pages.TAG, request, wire);
            for (long at = range[0]; at <= range[1]; at++) {
                wire.body(CONTENT, (int) at, 1);
                wire.idle(30);
            }
        });

        PullOutcome outcome = bench.parts(1).pull(at("/m.gguf"));

        assertFailed(outcome, PullError.STALLED, "sends next to nothing, 3 times in a row");
    }

    @Test
    void slowHeadIsGivenUpThoughBytesKeepComing() {
        server.page("/m.gguf", (request, wire) -> {
            for (int i = 0; i < 1000; i++) {
                wire.raw(i == 0 ? "HTTP/1.1 200 OK\r\nX: " : "x");
                wire.idle(50);
            }
        });

        PullOutcome outcome = bench.pull(at("/m.gguf"));

        assertFailed(outcome, PullError.STALLED, "127.0.0.1 sent nothing for too long");
    }

    @Test
    void bodyWithoutEndStopsAtTheLargestAllowedSize() {
        server.page("/m.gguf", (request, wire) -> {
            wire.head(200, "Transfer-Encoding: chunked");
            for (int i = 0; i < 10_000; i++) {
                wire.raw("2710\r\n");
                wire.body(CONTENT, 0, 10_000);
                wire.raw("\r\n");
            }
        });

        PullOutcome outcome = bench.maxSize(200_000).pull(at("/m.gguf"));

        assertFailed(outcome, PullError.TOO_LARGE, "sends more than the 195.3 KiB that are allowed (--max-size)");
        assertThat(server.bodyBytes()).isLessThan(5_000_000);
    }

    @Test
    void sizeBeyondTheLimitIsRefusedBeforeAnythingIsTransferred() {
        server.page("/m.gguf", Pages.file(CONTENT));

        PullOutcome outcome = bench.maxSize(1000).pull(at("/m.gguf"));

        assertFailed(outcome, PullError.TOO_LARGE, "the file has 293.0 KiB, allowed are 1000 B");
        // The one byte that was asked for first; the server may not have counted it yet.
        assertThat(server.bodyBytes()).isLessThanOrEqualTo(1);
    }

    @Test
    void lengthThatIsAnnouncedAndNeverComesIsAnError() {
        server.page("/m.gguf", (request, wire) -> {
            wire.head(200, "Content-Length: 400000");
            wire.body(CONTENT);
        });

        PullOutcome outcome = bench.pull(at("/m.gguf"));

        assertFailed(outcome, PullError.UPSTREAM_ERROR, "the connection broke in the middle, 3 times in a row");
    }

    @Test
    void sizeThatDiffersFromTheHubsListIsAnError() {
        server.page("/api/models/o/r/tree/main?recursive=true", Pages.chunkedJson(tree("m.gguf", DIGEST)))
                .page("/o/r/resolve/main/m.gguf", Pages.file(Pages.content(200_000, 2)));

        PullOutcome outcome = bench.pull("o/r");

        assertFailed(outcome, PullError.UPSTREAM_ERROR, "127.0.0.1 has 200000 bytes where the hub lists 300000");
    }

    @Test
    void wrongBytesAreDeletedAndBothDigestsTold() throws IOException {
        server.page("/m.gguf", Pages.file(CONTENT));
        String expected = "0".repeat(64);

        PullOutcome outcome = bench.pull(at("/m.gguf"), expected);

        assertFailed(outcome, PullError.DIGEST_MISMATCH, DIGEST, expected, "it was deleted");
        assertThat(bench.leftOvers()).isEmpty();
    }

    @Test
    void digestThatContradictsTheHubsIsRefusedBeforeTheTransfer() {
        server.page("/api/models/o/r/tree/main?recursive=true", Pages.chunkedJson(tree("m.gguf", DIGEST)));

        PullOutcome outcome = bench.pull("o/r", "0".repeat(64));

        assertFailed(outcome, PullError.DIGEST_MISMATCH, "the hub lists sha256 " + DIGEST);
    }

    @Test
    void fileThatChangesMidwayStartsAgainAndIsNeverMixed() throws IOException {
        byte[] old = Pages.content(CONTENT.length, 9);
        FaultyServer.Page oldAndCut = (request, wire) -> {
            long[] range = Pages.rangeHead(old, "\"old\"", request, wire);
            wire.body(old, (int) range[0], (int) Math.min(100_000, range[1] - range[0] + 1));
        };
        server.page("/m.gguf", Pages.first(2, oldAndCut, Pages.file(CONTENT)));

        PullOutcome outcome = bench.parts(1).pull(at("/m.gguf"));

        assertLanded(outcome, "m");
        assertThat(bench.shown).anyMatch(p -> p.note().contains("the file changed at 127.0.0.1"));
    }

    @Test
    void fileThatNeverStopsChangingIsGivenUp() {
        java.util.concurrent.atomic.AtomicInteger version = new java.util.concurrent.atomic.AtomicInteger();
        server.page("/m.gguf", (request, wire) -> {
            long[] range = Pages.rangeHead(CONTENT, "\"" + version.incrementAndGet() + "\"", request, wire);
            wire.body(CONTENT, (int) range[0], (int) (range[1] - range[0] + 1));
        });

        PullOutcome outcome = bench.parts(1).pull(at("/m.gguf"));

        assertFailed(outcome, PullError.UPSTREAM_ERROR, "the file changed at 127.0.0.1", "3 times in a row");
    }

    @Test
    void busySourceIsAskedAgainWhenItSays() throws IOException {
        List<Duration> waits = new CopyOnWriteArrayList<>();
        server.page("/m.gguf", Pages.first(1, Pages.status(429, "Retry-After: 3"), Pages.file(CONTENT)));

        PullOutcome outcome = bench.pause((stopped, longest) -> {
                    waits.add(longest);
                    return false;
                })
                .pull(at("/m.gguf"));

        assertLanded(outcome, "m");
        assertThat(waits).containsExactly(Duration.ofSeconds(3));
    }

    @Test
    void sourceThatIsBusyForTooLongEndsThePull() {
        server.page("/m.gguf", Pages.status(503, "Retry-After: 7200"));

        PullOutcome outcome = bench.pull(at("/m.gguf"));

        assertFailed(outcome, PullError.UPSTREAM_ERROR, "127.0.0.1 answers 503 and asks to come back in 7200 s");
    }

    @Test
    void failingSourceIsTriedAFewTimes() {
        server.page("/m.gguf", Pages.status(500));

        PullOutcome outcome = bench.pull(at("/m.gguf"));

        assertFailed(outcome, PullError.UPSTREAM_ERROR, "127.0.0.1 answers 500, 3 times in a row");
        assertThat(server.requests()).hasSize(3);
    }

    @Test
    void missingFileIsNotFoundAndAskedOnce() {
        PullOutcome outcome = bench.pull(at("/none.gguf"));

        assertFailed(outcome, PullError.NOT_FOUND, "127.0.0.1 has no such model or file");
        assertThat(server.requests()).hasSize(1);
    }

    @Test
    void gatedModelSaysWhatToDo() {
        server.page("/api/models/o/r/tree/main?recursive=true", Pages.status(403, "X-Error-Code: GatedRepo"));

        PullOutcome outcome = bench.pull("o/r");

        assertFailed(outcome, PullError.UNAUTHORIZED, "the model is gated: accept its terms", "--token-file");
    }

    @Test
    void unknownModelIsNotFoundThoughTheHubSaysUnauthorized() {
        server.page("/api/models/o/r/tree/main?recursive=true", Pages.status(401, "X-Error-Code: RepoNotFound"));

        PullOutcome outcome = bench.pull("o/r");

        assertFailed(outcome, PullError.NOT_FOUND, "check the spelling");
    }

    @Test
    void refusedTokenIsSaidToBeRefusedAndNeverShown() {
        server.page("/api/models/o/r/tree/main?recursive=true", Pages.status(401));

        PullOutcome outcome = bench.token("hf_canary").pull("o/r");

        assertFailed(outcome, PullError.UNAUTHORIZED, "refuses the token for this model");
        assertThat(outcome.toString()).doesNotContain("canary");
        assertThat(bench.shown.toString()).doesNotContain("canary");
        assertThat(server.requests().getFirst().field("authorization")).isEqualTo("Bearer hf_canary");
    }

    @Test
    void fileThatIsNoModelIsDeletedAndNeverLanded() throws IOException {
        server.page("/m.gguf", Pages.file(CONTENT));

        PullOutcome outcome = bench.check(file -> {
                    throw new InvalidGgufException("no magic");
                })
                .pull(at("/m.gguf"));

        assertFailed(outcome, PullError.INVALID_MODEL, "m.gguf is not a model that can be loaded: no magic");
        assertThat(bench.leftOvers()).isEmpty();
    }

    @Test
    void closeDelimitedBodyNeedsADigest() throws IOException {
        server.page("/m.gguf", (request, wire) -> {
            wire.head(200);
            wire.body(CONTENT);
        });

        PullOutcome refused = bench.pull(at("/m.gguf"));
        assertFailed(refused, PullError.UPSTREAM_ERROR, "neither how long the file is nor where it ends", "--sha256");

        assertLanded(bench.pull(at("/m.gguf"), DIGEST), "m");
    }

    @Test
    void badReferenceIsRefusedWithWhatIsExpected() {
        assertFailed(bench.pull("no-slash"), PullError.INVALID_REFERENCE, "expected: org/repo");
        assertThat(server.requests()).isEmpty();
    }

    @Test
    void twoLengthsThatDifferAreNotBelieved() {
        server.page("/m.gguf", (request, wire) -> {
            wire.head(200, "Content-Length: 5", "Content-Length: 300000");
            wire.body(CONTENT);
        });

        PullOutcome outcome = bench.pull(at("/m.gguf"));

        assertFailed(outcome, PullError.UPSTREAM_ERROR, "the source contradicts itself about the length");
    }

    @Test
    void otherPartThanTheOneAskedForIsNotWritten() {
        server.page("/m.gguf", (request, wire) -> {
            wire.head(206, "Content-Length: 10", "Content-Range: bytes 5-14/300000", "ETag: \"one\"");
            wire.body(CONTENT, 5, 10);
        });

        PullOutcome outcome = bench.parts(1).pull(at("/m.gguf"));

        assertFailed(outcome, PullError.UPSTREAM_ERROR, "sends another part of the file than the one asked for");
    }

    @Test
    void compressedAnswerIsRefused() {
        server.page("/m.gguf", (request, wire) -> wire.head(200, "Content-Length: 5", "Content-Encoding: gzip"));

        assertFailed(bench.pull(at("/m.gguf")), PullError.UPSTREAM_ERROR, "compresses what must come as it is");
    }
}
