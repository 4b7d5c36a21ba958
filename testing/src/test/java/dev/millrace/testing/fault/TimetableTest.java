package dev.millrace.testing.fault;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class TimetableTest {
    private static final long MS = 1_000_000;

    @Test
    void aPlainLinkPassesEverythingAtOnceAndWhole() {
        List<Piece> pieces = plan(Link.PLAIN, 1, 100);

        assertThat(lengths(pieces)).containsExactly(100);
        assertThat(pieces.getFirst().dueNanos()).isZero();
    }

    @Test
    void latencyMovesPiecesWithoutNarrowingTheLink() {
        Timetable timetable = timetable(Link.PLAIN.latency(Duration.ofMillis(10)), 1);
        List<Piece> pieces = new ArrayList<>();

        for (long at : new long[] {0, MS, 2 * MS}) {
            timetable.plan(new byte[3], at, pieces::add);
        }

        assertThat(due(pieces)).containsExactly(10 * MS, 11 * MS, 12 * MS);
        assertThat(timetable.end(3 * MS).dueNanos()).isEqualTo(13 * MS);
    }

    @Test
    void jitterKeepsTheOrderAndComesFromTheSeed() {
        Link link = Link.PLAIN.latency(Duration.ofMillis(5)).jitter(Duration.ofMillis(20));

        List<Long> due = due(arrivals(link, 7));

        assertThat(due).isSorted().allMatch(at -> at >= 5 * MS && at < 125 * MS);
        assertThat(due(arrivals(link, 7))).isEqualTo(due);
        assertThat(due(arrivals(link, 8))).isNotEqualTo(due);
    }

    @Test
    void bandwidthSpreadsBytesOverTheTimeTheyTake() {
        List<Piece> pieces = plan(Link.PLAIN.bandwidth(10_000), 1, 2_000);

        assertThat(pieces.getLast().dueNanos()).isEqualTo(200 * MS);
        assertThat(lengths(pieces)).hasSize(20).containsOnly(100);
    }

    @Test
    void piecesEndAtTheirOffsetsHoweverTheBytesArrive() {
        Duration gap = Duration.ofMillis(1);

        assertThat(lengths(plan(Link.PLAIN.slice(1, gap), 1, 5))).containsExactly(1, 1, 1, 1, 1);
        assertThat(lengths(plan(Link.PLAIN.slice(4, gap), 1, 3, 3, 3))).containsExactly(3, 1, 2, 2, 1);
        assertThat(lengths(plan(Link.PLAIN.splitAt(gap, 7, 2), 1, 10))).containsExactly(2, 5, 3);
        assertThat(due(plan(Link.PLAIN.splitAt(gap, 7, 2), 1, 10))).containsExactly(0L, MS, 2 * MS);
        assertThat(due(plan(Link.PLAIN.slice(4, gap), 1, 3, 3))).containsExactly(0L, 0L, MS);
    }

    @Test
    void piecesByChanceComeFromTheSeedAndLoseNothing() {
        Link link = Link.PLAIN.sliceByChance(9, Duration.ZERO);
        for (long seed = 0; seed < 200; seed++) {
            List<Piece> pieces = plan(link, seed, 500, 1, 499);

            assertThat(lengths(pieces)).as("seed %s", seed).allMatch(length -> length >= 1 && length <= 9);
            assertThat(joined(pieces)).as("seed %s", seed).isEqualTo(bytes(1_000));
            assertThat(ends(plan(link, seed, 1_000)))
                    .as("seed %s: the same cuts from other arrivals", seed)
                    .isSubsetOf(ends(pieces));
        }
        assertThat(ends(plan(link, 1, 1_000))).isNotEqualTo(ends(plan(link, 2, 1_000)));
    }

    @Test
    void aPieceEndsAtTheLimitSoThatNotAByteMorePasses() {
        assertThat(lengths(plan(Link.PLAIN.cutAfter(10), 1, 25))).containsExactly(10, 15);
        assertThat(lengths(plan(Link.PLAIN.slice(4).cutAfter(6), 1, 12))).containsExactly(4, 2, 4, 2);
    }

    private static List<Piece> arrivals(Link link, long seed) {
        Timetable timetable = timetable(link, seed);
        List<Piece> pieces = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            timetable.plan(new byte[1], i * MS, pieces::add);
        }
        return pieces;
    }

    /// Plans the bytes 0, 1, 2 and so on, arriving at time 0 in these portions.
    private static List<Piece> plan(Link link, long seed, int... portions) {
        Timetable timetable = timetable(link, seed);
        List<Piece> pieces = new ArrayList<>();
        int from = 0;
        for (int portion : portions) {
            timetable.plan(Arrays.copyOfRange(bytes(from + portion), from, from + portion), 0, pieces::add);
            from += portion;
        }
        return pieces;
    }

    private static Timetable timetable(Link link, long seed) {
        return new Timetable(link, new SplittableRandom(seed));
    }

    private static byte[] bytes(int count) {
        byte[] bytes = new byte[count];
        for (int i = 0; i < count; i++) {
            bytes[i] = (byte) i;
        }
        return bytes;
    }

    private static byte[] joined(List<Piece> pieces) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        pieces.forEach(piece -> all.writeBytes(piece.bytes()));
        return all.toByteArray();
    }

    private static List<Integer> lengths(List<Piece> pieces) {
        return pieces.stream().map(Piece::length).toList();
    }

    private static List<Integer> ends(List<Piece> pieces) {
        List<Integer> ends = new ArrayList<>();
        int end = 0;
        for (Piece piece : pieces) {
            end += piece.length();
            ends.add(end);
        }
        return ends;
    }

    private static List<Long> due(List<Piece> pieces) {
        return pieces.stream().map(Piece::dueNanos).toList();
    }
}
