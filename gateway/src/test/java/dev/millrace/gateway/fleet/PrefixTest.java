package dev.millrace.gateway.fleet;

import static dev.millrace.gateway.fleet.FleetFixture.MODEL;
import static dev.millrace.gateway.fleet.FleetFixture.SECOND;
import static dev.millrace.gateway.fleet.FleetFixture.id;
import static dev.millrace.gateway.fleet.FleetFixture.names;
import static dev.millrace.gateway.fleet.FleetFixture.ofPrompt;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Set;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/// Prompts that begin alike.
class PrefixTest {
    private final FleetFixture fleet = FleetFixture.of(Policy.PREFIX, names(4));

    @Test
    void promptGoesWhereItsBeginningWasComputed() {
        String holder = fleet.placeOf(ofPrompt(1, 2, 3));

        assertThat(fleet.spread(ofPrompt(1, 2, 9), 50)).containsOnlyKeys(holder);
    }

    @Test
    void deepestBlockWins() {
        String shallow = fleet.placeOf(ofPrompt(1));
        String deep = shallow.equals("e0") ? "e1" : "e0";
        fleet.end(fleet.send(new Ask(MODEL, null, new long[] {2, 3}, others(deep))), Outcome.ANSWERED);

        assertThat(fleet.placeOf(ofPrompt(1, 2, 3, 4))).isEqualTo(deep);
        assertThat(fleet.placeOf(ofPrompt(1, 2))).isEqualTo(deep);
    }

    private static Set<EndpointId> others(String name) {
        Set<EndpointId> others = FleetFixture.ids(names(4));
        others.remove(id(name));
        return others;
    }

    @Test
    void shallowerBlockCountsWhenTheHolderOfTheDeepestCannotTakeIt() {
        fleet.end(fleet.send(new Ask(MODEL, null, new long[] {1}, others("e1"))), Outcome.ANSWERED);
        fleet.end(fleet.send(new Ask(MODEL, null, new long[] {2}, others("e2"))), Outcome.ANSWERED);
        fleet.fleet.busyFor(id("e2"), SECOND.toNanos(), fleet.nowNanos);

        assertThat(fleet.placeOf(ofPrompt(1, 2))).isEqualTo("e1");
    }

    @Test
    void holderWithFarTooMuchToDoIsLeftAlone() {
        String holder = fleet.placeOf(ofPrompt(1));
        for (int i = 0; i < 8; i++) {
            fleet.sendTo(holder);
        }
        assertThat(fleet.placeOf(ofPrompt(1))).isEqualTo(holder);

        fleet.sendTo(holder);

        String next = fleet.placeOf(ofPrompt(1));
        assertThat(next).isNotEqualTo(holder);
        assertThat(fleet.placeOf(ofPrompt(1))).isEqualTo(next);
    }

    @Test
    void imbalanceIsMeasuredAgainstTheLeastLoaded() {
        String holder = fleet.placeOf(ofPrompt(1));
        for (String name : names(4)) {
            for (int i = 0; i < 5; i++) {
                fleet.sendTo(name);
            }
        }
        for (int i = 0; i < 8; i++) {
            fleet.sendTo(holder);
        }

        assertThat(fleet.placeOf(ofPrompt(1))).isEqualTo(holder);
    }

    @Test
    void popularPromptDoesNotStarveOthers() {
        for (int i = 0; i < 400; i++) {
            fleet.send(ofPrompt(1));
            fleet.send(ofPrompt(1_000 + i));
        }

        assertThat(fleet.fleet.statuses(fleet.nowNanos))
                .extracting(EndpointStatus::inFlight)
                .allSatisfy(inFlight -> assertThat(inFlight).isBetween(185, 215));
    }

    @Test
    void promptsOfDifferentModelsAreNotMistakenForEachOther() {
        FleetFixture two = FleetFixture.of(Policy.PREFIX, "a", "b");
        two.offer("a", MODEL, "other");
        two.offer("b", MODEL, "other");
        two.end(two.send(new Ask(MODEL, null, new long[] {1}, FleetFixture.ids("b"))), Outcome.ANSWERED);

        assertThat(two.spread(new Ask("other", null, new long[] {}, FleetFixture.ids()), 50))
                .containsOnlyKeys("a", "b");
        assertThat(two.spread(new Ask("other", null, new long[] {1}, FleetFixture.ids("a")), 1))
                .containsOnlyKeys("b");
        assertThat(two.placeOf(ofPrompt(1))).isEqualTo("a");
        assertThat(two.placeOf(new Ask("other", null, new long[] {1}, FleetFixture.ids())))
                .isEqualTo("b");
    }

    @Test
    void promptThatNobodyHasSeenGoesToTheLessLoaded() {
        FleetFixture two = FleetFixture.of(Policy.PREFIX, "a", "b");
        two.sendTo("a");

        for (int i = 0; i < 50; i++) {
            assertThat(two.placeOf(ofPrompt(100 + i))).isEqualTo("b");
        }
    }

    @Test
    void blocksThatNobodyUsedForLongAreNotLookedFor() {
        Duration age = Duration.ofMinutes(10);
        FleetFixture two = FleetFixture.of(Policy.PREFIX, "a", "b");
        String holder = two.placeOf(ofPrompt(1));
        two.sendTo(holder);
        two.pass(age);
        assertThat(two.placeOf(ofPrompt(1))).isEqualTo(holder);

        two.pass(age.plusNanos(1));

        assertThat(two.placeOf(ofPrompt(1))).isNotEqualTo(holder);
    }

    @Test
    void onlyTheFirstBlocksOfALongPromptCount() {
        FleetFixture two = FleetFixture.of(Policy.PREFIX, "a", "b");
        long[] prompt = LongStream.range(0, Ask.MOST_BLOCKS + 1).toArray();
        String holder = two.placeOf(ofPrompt(prompt));
        two.sendTo(holder);

        assertThat(two.placeOf(ofPrompt(prompt[Ask.MOST_BLOCKS - 1]))).isEqualTo(holder);
        assertThat(two.placeOf(ofPrompt(prompt[Ask.MOST_BLOCKS]))).isNotEqualTo(holder);
    }
}
