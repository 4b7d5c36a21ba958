package dev.millrace.gateway.fleet;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

final class PrefixHashesTest {
    private static final int BLOCK = PrefixHashes.BLOCK_BYTES;

    @Test
    void aPromptHasTheHashesOfEveryPromptThatItContinues() {
        byte[] text = "a conversation that goes on and on, ".repeat(60).getBytes(UTF_8);

        long[] all = PrefixHashes.of(text, 0, text.length);
        long[] earlier = PrefixHashes.of(text, 0, 3 * BLOCK + 17);

        assertThat(all).hasSize(text.length / BLOCK);
        assertThat(earlier).containsExactly(Arrays.copyOf(all, 3));
    }

    @Test
    void whatBeginsDifferentlyHasNothingInCommonHoweverItGoesOn() {
        byte[] one = "x".repeat(10 * BLOCK).getBytes(UTF_8);
        byte[] other = one.clone();
        other[0] = 'y';

        assertThat(PrefixHashes.of(one, 0, one.length)).doesNotContain(PrefixHashes.of(other, 0, other.length));
    }

    @Test
    void lessThanABlockHasNoHashAndMoreThanTheMostIsLeftOut() {
        byte[] text = new byte[(Ask.MOST_BLOCKS + 5) * BLOCK];

        assertThat(PrefixHashes.of(text, 0, BLOCK - 1)).isEmpty();
        assertThat(PrefixHashes.of(text, 0, text.length)).hasSize(Ask.MOST_BLOCKS);
        assertThat(PrefixHashes.of(text, text.length - BLOCK, text.length)).hasSize(1);
    }

    @Test
    void oneBitAnywhereChangesTheHash() {
        byte[] text = new byte[BLOCK];
        new SplittableRandom(7).nextBytes(text);
        Set<Long> hashes = new HashSet<>();
        hashes.add(PrefixHashes.of(text, 0, BLOCK)[0]);

        for (int bit = 0; bit < 8 * BLOCK; bit++) {
            byte[] changed = text.clone();
            changed[bit / 8] ^= (byte) (1 << bit % 8);
            hashes.add(PrefixHashes.of(changed, 0, BLOCK)[0]);
        }

        assertThat(hashes).hasSize(8 * BLOCK + 1);
    }
}
