package dev.millrace.gateway.fleet;

import static dev.millrace.gateway.fleet.FleetFixture.id;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class PrefixIndexTest {
    private static final long AGE = 1_000;

    private static final Endpoint A = endpoint("a");
    private static final Endpoint B = endpoint("b");

    private static Endpoint endpoint(String name) {
        return new Endpoint(id(name), 1, new Health(HealthSettings.usual(), new SplittableRandom(1)));
    }

    private static PrefixIndex holding(int entries) {
        return new PrefixIndex(new PrefixSettings(entries, AGE, 1));
    }

    @Test
    void lastHolderIsRemembered() {
        PrefixIndex index = holding(4);
        index.remember(1, A, 0);
        index.remember(1, B, 0);

        assertThat(index.holder(1, 0)).isSameAs(B);
        assertThat(index.holder(2, 0)).isNull();
        assertThat(index.size()).isEqualTo(1);
    }

    @Test
    void longestUnusedMakesRoom() {
        PrefixIndex index = holding(2);
        index.remember(1, A, 0);
        index.remember(2, A, 0);
        index.remember(1, A, 0);

        index.remember(3, B, 0);

        assertThat(index.holder(2, 0)).isNull();
        assertThat(index.holder(1, 0)).isSameAs(A);
        assertThat(index.holder(3, 0)).isSameAs(B);
        assertThat(index.size()).isEqualTo(2);
    }

    @Test
    void oneEntryIsEnough() {
        PrefixIndex index = holding(1);
        index.remember(1, A, 0);
        index.remember(2, B, 0);

        index.checkInvariants();
        assertThat(index.holder(1, 0)).isNull();
        assertThat(index.holder(2, 0)).isSameAs(B);
    }

    @Test
    void whatIsTooOldIsNotFoundUnlessItIsUsed() {
        PrefixIndex index = holding(2);
        index.remember(1, A, 0);

        assertThat(index.holder(1, AGE)).isSameAs(A);
        assertThat(index.holder(1, AGE + 1)).isNull();
        index.remember(1, A, AGE);
        assertThat(index.holder(1, 2 * AGE)).isSameAs(A);
    }

    @Test
    void itBehavesLikeAMapInTheOrderOfUse() {
        for (long seed = 1; seed <= 30; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            int entries = random.nextInt(1, 20);
            PrefixIndex index = holding(entries);
            Map<Long, Endpoint> model = new LinkedHashMap<>(16, 0.75f, true);
            for (int step = 0; step < 300; step++) {
                // Few keys with equal low bits: chains of every length.
                long key = random.nextLong(10) * 64 + random.nextLong(3);
                Endpoint holder = random.nextBoolean() ? A : B;
                index.remember(key, holder, 0);
                model.put(key, holder);
                if (model.size() > entries) {
                    model.remove(model.keySet().iterator().next());
                }

                index.checkInvariants();
                assertThat(index.size()).as("seed %s", seed).isEqualTo(model.size());
                for (long k = 0; k < 640; k += random.nextInt(1, 3)) {
                    Endpoint known = index.holder(k, 0);
                    assertThat(known == (model.containsKey(k) ? peek(model, k) : null))
                            .as("seed %s, key %s", seed, k)
                            .isTrue();
                }
            }
        }
    }

    /// Without counting as a use.
    private static Endpoint peek(Map<Long, Endpoint> model, long key) {
        return model.entrySet().stream()
                .filter(entry -> entry.getKey() == key)
                .findFirst()
                .orElseThrow()
                .getValue();
    }
}
