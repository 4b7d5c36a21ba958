package dev.millrace.gateway.cache;

import static dev.millrace.gateway.cache.CacheFixture.LABELS;
import static dev.millrace.gateway.cache.CacheFixture.answer;
import static dev.millrace.gateway.cache.CacheFixture.key;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.gateway.cache.Invalidation.All;
import dev.millrace.gateway.cache.Invalidation.Model;
import dev.millrace.gateway.cache.Invalidation.Tag;
import dev.millrace.gateway.cache.Invalidation.Tenant;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class GenerationsTest {
    private static final long NOW = 1_000_000;
    private static final CacheKey KEY = key("a");
    private static final List<Invalidation> CONCERNING = List.of(
            new Invalidation.Key(KEY),
            new Model("qwen"),
            new Tag("prices"),
            new Tag("été"),
            new Tenant("acme"),
            new All());
    private static final List<Invalidation> OTHERS = List.of(
            new Invalidation.Key(key("b")), new Model("prices"), new Tag("qwen"), new Tag("acme"), new Tenant("qwen"));

    private final Generations generations = new Generations(100, Duration.ofSeconds(2));

    @AfterEach
    void accountsBalance() {
        generations.checkInvariants();
    }

    @Test
    void anAnswerIsInvalidFromTheMomentThatSomethingConcernsIt() {
        for (Invalidation what : CONCERNING) {
            long token = generations.started();
            assertThat(generations.isValid(token, KEY, LABELS)).isTrue();

            generations.invalidate(what, NOW);

            assertThat(generations.isValid(token, KEY, LABELS)).as("%s", what).isFalse();
        }
    }

    @Test
    void whatConcernsOthersLeavesItValid() {
        long token = generations.started();
        OTHERS.forEach(what -> generations.invalidate(what, NOW));

        assertThat(generations.isValid(token, KEY, LABELS)).isTrue();
        assertThat(generations.isValidShared(answer("a"), NOW)).isTrue();
    }

    /// The answer is the newest there is, and yet it was computed from what is no longer so.
    @Test
    void anAnswerBegunBeforeAnInvalidationAndStoredAfterItIsInvalid() {
        for (Invalidation what : CONCERNING) {
            long slow = generations.started();
            generations.invalidate(what, NOW);
            long quick = generations.started();

            // Both are stored now, in either order: only when they began counts.
            assertThat(generations.isValid(slow, KEY, LABELS)).as("%s", what).isFalse();
            assertThat(generations.isValid(quick, KEY, LABELS)).as("%s", what).isTrue();
        }
    }

    @Test
    void tooManyNamesMakeEverythingInvalidAndTheNextOnesAreTrackedAgain() {
        var few = new Generations(2, Duration.ZERO);
        long token = few.started();
        few.invalidate(new Tag("1"), NOW);
        few.invalidate(new Tag("2"), NOW);
        few.invalidate(new Tag("1"), NOW);
        assertThat(few.isValid(token, KEY, LABELS)).isTrue();

        few.invalidate(new Tag("3"), NOW);

        assertThat(few.isValid(token, KEY, LABELS)).isFalse();
        assertThat(few.names()).isZero();
        long after = few.started();
        assertThat(few.isValid(after, KEY, LABELS)).isTrue();
        few.invalidate(new Tag("prices"), NOW);
        assertThat(few.isValid(after, KEY, LABELS)).isFalse();
        few.checkInvariants();
    }

    @Test
    void aTokenOfAnotherLifeOfTheProcessIsWorthNothing() {
        assertThat(generations.isValid(generations.started() + 1, KEY, LABELS)).isFalse();
    }

    @Test
    void anAnswerFromTheSharedTierMustHaveBeenBegunWellAfterwards() {
        assertThat(generations.isValidShared(answer("a", NOW), NOW)).isTrue();

        generations.invalidate(new Tag("prices"), NOW);

        assertThat(generations.isValidShared(answer("a", NOW - 1), NOW + 9_000)).isFalse();
        assertThat(generations.isValidShared(answer("a", NOW + 2_000), NOW + 9_000))
                .isFalse();
        assertThat(generations.isValidShared(answer("a", NOW + 2_001), NOW + 9_000))
                .isTrue();
    }

    @Test
    void anAnswerFromTheFutureProvesNothing() {
        generations.invalidate(new Model("qwen"), NOW);

        assertThat(generations.isValidShared(answer("a", NOW + 60_000), NOW + 57_999))
                .isFalse();
        assertThat(generations.isValidShared(answer("a", NOW + 60_000), NOW + 58_000))
                .isTrue();
    }

    @Test
    void aWallClockThatGoesBackMakesNoOldAnswerValid() {
        long hour = 3_600_000;
        assertThat(generations.isValidShared(answer("a", NOW + hour), NOW + hour))
                .isTrue();

        generations.invalidate(new All(), NOW);

        assertThat(generations.isValidShared(answer("a", NOW + hour), NOW + 10)).isFalse();
    }

    /// Against the slow way: every answer remembers all that happened since it was begun.
    @Test
    void randomHistoriesAgreeWithARecordOfEverything() {
        for (int seed = 1; seed <= 50; seed++) {
            var random = new Random(seed);
            var subject = new Generations(1 + random.nextInt(6), Duration.ZERO);
            List<Invalidation> record = new ArrayList<>();
            List<long[]> begun = new ArrayList<>();
            for (int step = 0; step < 40; step++) {
                if (random.nextBoolean()) {
                    begun.add(new long[] {subject.started(), record.size()});
                } else {
                    List<Invalidation> pool = random.nextInt(3) == 0 ? CONCERNING : OTHERS;
                    Invalidation what = pool.get(random.nextInt(pool.size()));
                    subject.invalidate(what, NOW);
                    // One that found no room counts as one of everything.
                    record.add(subject.names() == 0 ? new All() : what);
                }
                for (long[] answer : begun) {
                    boolean valid = record.subList((int) answer[1], record.size()).stream()
                            .noneMatch(CONCERNING::contains);
                    if (subject.isValid(answer[0], KEY, LABELS) != valid) {
                        throw new AssertionError("seed " + seed + ", step " + step + " (expected: " + valid + ")");
                    }
                }
                subject.checkInvariants();
            }
        }
    }

    @Test
    void senselessBoundsAreRefused() {
        assertThatThrownBy(() -> new Generations(0, Duration.ZERO)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new Generations(1, Duration.ofMillis(-1)))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
