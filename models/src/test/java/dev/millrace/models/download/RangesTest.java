package dev.millrace.models.download;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.core.ByteSize;
import dev.millrace.models.download.Ranges.Range;
import java.time.Duration;
import java.util.BitSet;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class RangesTest {
    private static final int SIZE = 200;

    @Test
    void setOfRangesIsTheSetOfItsBytes() {
        for (long seed = 1; seed <= 500; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            Ranges ranges = new Ranges();
            BitSet bits = new BitSet();
            for (int i = 0; i < 30; i++) {
                int from = random.nextInt(SIZE);
                int to = random.nextInt(from + 1, Math.min(SIZE, from + 20) + 1);
                ranges.add(new Range(from, to));
                bits.set(from, to);

                assertThat(ranges.bytes()).as("seed %d", seed).isEqualTo(bits.cardinality());
            }
            BitSet missing = new BitSet();
            ranges.missing(SIZE).forEach(r -> missing.set((int) r.from(), (int) r.to()));
            bits.flip(0, SIZE);
            assertThat(missing).as("seed %d", seed).isEqualTo(bits);
        }
    }

    private static PullLimits pieces(long smallest, long largest) {
        PullLimits d = PullLimits.DEFAULT;
        return new PullLimits(
                d.connect(),
                d.head(),
                d.stall(),
                d.slowWindow(),
                1,
                1,
                d.progress(),
                Duration.ZERO,
                Duration.ZERO,
                Duration.ZERO,
                d.checkpoint(),
                d.checkpointInterval(),
                d.spaceMargin(),
                new ByteSize(smallest),
                new ByteSize(largest));
    }

    @Test
    void planCoversJustWhatIsMissing() {
        for (long seed = 1; seed <= 300; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            Ranges present = new Ranges();
            for (int i = 0; i < 5; i++) {
                int from = random.nextInt(SIZE);
                present.add(new Range(from, from + random.nextInt(1, 30)));
            }
            List<Range> missing = present.missing(SIZE);

            PartPlan plan = PartPlan.of(missing, random.nextInt(1, 9), pieces(3, random.nextInt(3, 50)));

            BitSet planned = new BitSet();
            int bytes = 0;
            for (Range piece : plan.pieces()) {
                planned.set((int) piece.from(), (int) piece.to());
                bytes += (int) piece.bytes();
            }
            BitSet expected = new BitSet();
            missing.forEach(r -> expected.set((int) r.from(), (int) r.to()));
            assertThat(planned).as("seed %d", seed).isEqualTo(expected);
            assertThat(bytes).as("no byte twice, seed %d", seed).isEqualTo(expected.cardinality());
        }
    }

    @Test
    void hugeFileHasABoundedNumberOfPieces() {
        PartPlan plan = PartPlan.of(List.of(new Range(0, 1L << 50)), 4, PullLimits.DEFAULT);

        assertThat(plan.pieces()).hasSizeLessThanOrEqualTo(PartPlan.MAX_PIECES);
        assertThat(plan.connections()).isEqualTo(4);
    }
}
