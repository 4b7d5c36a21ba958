package dev.millrace.gateway.retry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.gateway.retry.RetryDecision.Elsewhere;
import dev.millrace.gateway.retry.RetryDecision.GiveUp;
import dev.millrace.gateway.retry.RetryDecision.SamePlace;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;

class RetryPolicyTest {
    private static final long MILLI = Duration.ofMillis(1).toNanos();
    private static final long SECOND = Duration.ofSeconds(1).toNanos();
    private static final long MINUTE = Duration.ofMinutes(1).toNanos();
    private static final RetryDecision ELSEWHERE = new Elsewhere(0);
    private static final RetryDecision GIVE_UP = new GiveUp();

    private final RetryPolicy policy = new RetryPolicy(RetrySettings.usual(), new SplittableRandom(5));
    private final RetryPolicy patient =
            new RetryPolicy(new RetrySettings(100, 25 * MILLI, SECOND, 2 * SECOND), new SplittableRandom(5));
    private final RetryBudget budget = new RetryBudget(0.2, 1_000_000);

    private RetryDecision after(Fault fault, int attempts, boolean othersLeft) {
        return policy.after(fault, attempts, false, -1, MINUTE, othersLeft, budget);
    }

    private RetryDecision afterBusy(long retryAfterNanos, long remainingNanos) {
        return policy.after(Fault.BUSY, 1, false, retryAfterNanos, remainingNanos, false, budget);
    }

    private static long delay(RetryDecision decision) {
        assertThat(decision).isInstanceOf(SamePlace.class);
        return ((SamePlace) decision).delayNanos();
    }

    /// The longest and the number of different ones of many waits at the same place.
    private long longestWait(int attempts) {
        Set<Long> delays = new HashSet<>();
        for (int i = 0; i < 2_000; i++) {
            delays.add(delay(patient.after(Fault.CONNECT, attempts, false, -1, MINUTE, false, budget)));
        }
        assertThat(delays).hasSizeGreaterThan(1_900);
        assertThat(delays.stream().mapToLong(Long::longValue).min().orElseThrow())
                .isBetween(0L, SECOND / 50);
        return delays.stream().mapToLong(Long::longValue).max().orElseThrow();
    }

    @ParameterizedTest
    @EnumSource
    void whatTheClientHasSeenIsNeverRepeated(Fault fault) {
        assertThat(policy.after(fault, 1, true, 0, MINUTE, true, budget)).isEqualTo(GIVE_UP);
        assertThat(policy.after(fault, 1, true, 0, MINUTE, false, budget)).isEqualTo(GIVE_UP);
    }

    @ParameterizedTest
    @EnumSource
    void attemptsAreBounded(Fault fault) {
        assertThat(after(fault, 3, true)).isEqualTo(GIVE_UP);
        assertThat(after(fault, 3, false)).isEqualTo(GIVE_UP);
    }

    @ParameterizedTest
    @EnumSource
    void nothingIsTriedAfterTheDeadline(Fault fault) {
        assertThat(policy.after(fault, 1, false, -1, 0, true, budget)).isEqualTo(GIVE_UP);
        assertThat(policy.after(fault, 1, false, -1, -5, true, budget)).isEqualTo(GIVE_UP);
    }

    @ParameterizedTest
    @EnumSource(names = {"REFUSED", "SILENT"})
    void refusedRequestsAndSilentRoutesAreNotRepeated(Fault fault) {
        assertThat(after(fault, 1, true)).isEqualTo(GIVE_UP);
        assertThat(after(fault, 1, false)).isEqualTo(GIVE_UP);
    }

    @ParameterizedTest
    @EnumSource(
            names = {"REFUSED", "SILENT", "STALE_CONNECTION"},
            mode = Mode.EXCLUDE)
    void anotherEndpointIsAskedAtOnce(Fault fault) {
        assertThat(after(fault, 1, true)).isEqualTo(ELSEWHERE);
    }

    @ParameterizedTest
    @EnumSource(
            names = {"REFUSED", "SILENT", "STALE_CONNECTION", "WRONG_MODEL"},
            mode = Mode.EXCLUDE)
    void secondRetryIsAlsoAllowed(Fault fault) {
        assertThat(after(fault, 2, true)).isEqualTo(ELSEWHERE);
        assertThat(after(fault, 2, false)).isInstanceOf(SamePlace.class);
    }

    @ParameterizedTest
    @EnumSource(
            names = {"REFUSED", "SILENT", "STALE_CONNECTION", "WRONG_MODEL"},
            mode = Mode.EXCLUDE)
    void retryTakesATokenAndNoneIsMadeWithoutOne(Fault fault) {
        for (boolean othersLeft : new boolean[] {true, false}) {
            RetryBudget single = new RetryBudget(0, 1);

            assertThat(policy.after(fault, 1, false, -1, MINUTE, othersLeft, single))
                    .isNotEqualTo(GIVE_UP);
            assertThat(policy.after(fault, 1, false, -1, MINUTE, othersLeft, single))
                    .isEqualTo(GIVE_UP);
            assertThat(single.refused()).isEqualTo(1);
        }
    }

    @Test
    void wrongModelIsAskedForElsewhereOnceAndWithoutAToken() {
        RetryBudget empty = new RetryBudget(0, 0);

        assertThat(policy.after(Fault.WRONG_MODEL, 1, false, -1, MINUTE, true, empty))
                .isEqualTo(ELSEWHERE);
        assertThat(after(Fault.WRONG_MODEL, 2, true)).isEqualTo(GIVE_UP);
        assertThat(after(Fault.WRONG_MODEL, 1, false)).isEqualTo(GIVE_UP);
        assertThat(empty.refused()).isZero();
    }

    @Test
    void staleConnectionIsReplacedAtTheSamePlaceAtOnceAndWithoutAToken() {
        RetryBudget empty = new RetryBudget(0, 0);

        assertThat(policy.after(Fault.STALE_CONNECTION, 1, false, -1, MINUTE, true, empty))
                .isEqualTo(new SamePlace(0));
        assertThat(policy.after(Fault.STALE_CONNECTION, 2, false, -1, MINUTE, false, empty))
                .isEqualTo(new SamePlace(0));
    }

    @Test
    void samePlaceIsAskedAgainAfterAWaitWhoseBoundDoubles() {
        assertThat(longestWait(1)).isBetween(24 * MILLI, 25 * MILLI);
        assertThat(longestWait(2)).isBetween(48 * MILLI, 50 * MILLI);
        assertThat(longestWait(3)).isBetween(96 * MILLI, 100 * MILLI);
        assertThat(longestWait(6)).isBetween(780 * MILLI, 800 * MILLI);
        assertThat(longestWait(7)).isBetween(980 * MILLI, 1_000 * MILLI);
        assertThat(longestWait(99)).isBetween(980 * MILLI, 1_000 * MILLI);
    }

    @Test
    void noWaitReachesTheDeadline() {
        int given = 0;
        for (int i = 0; i < 1_000; i++) {
            RetryDecision decision = policy.after(Fault.CONNECT, 1, false, -1, 10 * MILLI, false, budget);
            if (decision instanceof SamePlace(long delayNanos)) {
                assertThat(delayNanos).isLessThan(10 * MILLI);
                given++;
            }
        }
        assertThat(given).isBetween(300, 500);
    }

    @Test
    void waitThatEndsWithTheDeadlineIsNotWorthIt() {
        RetryPolicy exact = new RetryPolicy(new RetrySettings(3, 0, 0, SECOND), new SplittableRandom(5));

        assertThat(exact.after(Fault.BUSY, 1, false, 5, 5, false, budget)).isEqualTo(GIVE_UP);
        assertThat(exact.after(Fault.BUSY, 1, false, 5, 6, false, budget)).isEqualTo(new SamePlace(5));
    }

    @Test
    void retryThatDoesNotFitTakesNoToken() {
        RetryBudget single = new RetryBudget(0, 1);

        policy.after(Fault.BUSY, 1, false, SECOND, SECOND / 2, false, single);

        assertThat(single.take()).isTrue();
    }

    @Test
    void busyEndpointIsNotAskedBeforeItSaidSo() {
        Set<Long> delays = new HashSet<>();
        for (int i = 0; i < 1_000; i++) {
            delays.add(delay(afterBusy(SECOND, MINUTE)));
        }

        assertThat(delays).allMatch(delay -> delay >= SECOND && delay <= SECOND + SECOND / 10);
        assertThat(delays).hasSizeGreaterThan(900);
        assertThat(delays).anyMatch(delay -> delay > SECOND + SECOND / 11);
    }

    @Test
    void busyEndpointThatMayBeAskedAtOnceIsStillAskedAtDifferentTimes() {
        Set<Long> delays = new HashSet<>();
        for (int i = 0; i < 1_000; i++) {
            delays.add(delay(afterBusy(0, MINUTE)));
        }

        assertThat(delays).allMatch(delay -> delay <= 25 * MILLI);
        assertThat(delays).hasSizeGreaterThan(900);
    }

    @Test
    void retryAfterThatIsTooLateIsNotWaitedFor() {
        assertThat(afterBusy(2 * SECOND, MINUTE)).isInstanceOf(SamePlace.class);
        assertThat(afterBusy(2 * SECOND + 1, MINUTE)).isEqualTo(GIVE_UP);
        assertThat(afterBusy(SECOND, SECOND)).isEqualTo(GIVE_UP);
    }

    @Test
    void anotherEndpointIsAskedWhateverTheBusyOneSaid() {
        assertThat(policy.after(Fault.BUSY, 1, false, MINUTE, MINUTE, true, budget))
                .isEqualTo(ELSEWHERE);
    }

    @Test
    void busyEndpointThatSaysNothingIsAskedAfterTheUsualWait() {
        assertThat(delay(afterBusy(-1, MINUTE))).isBetween(0L, 25 * MILLI);
    }

    @Test
    void usualSettingsAreThoseOfTheReference() {
        assertThat(RetrySettings.usual()).isEqualTo(new RetrySettings(3, 25 * MILLI, SECOND, 2 * SECOND));
    }

    @Test
    void settingsThatContradictThemselvesAreRefused() {
        assertThatThrownBy(() -> new RetrySettings(0, 1, 1, 1))
                .hasMessageStartingWith("mostAttempts: 0 (expected: 1..");
        assertThatThrownBy(() -> new RetrySettings(1, -1, 1, 1))
                .hasMessageStartingWith("backoffFirstNanos: -1 (expected: 0..");
        assertThatThrownBy(() -> new RetrySettings(1, 2, 1, 1))
                .hasMessageStartingWith("backoffMostNanos: 1 (expected: 2..");
        assertThatThrownBy(() -> new RetrySettings(1, 1, 1, -1))
                .hasMessageStartingWith("mostRetryAfterNanos: -1 (expected: 0..");
    }
}
