package dev.millrace.gateway.fleet;

import static dev.millrace.gateway.fleet.FleetFixture.id;
import static dev.millrace.gateway.fleet.FleetFixture.names;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/// Which endpoints serve which models when each model has but a few.
class RendezvousTest {
    /// One replica for each model: who serves it.
    private static Map<String, String> homes(FleetFixture fleet, int models) {
        Map<String, String> homes = new HashMap<>();
        for (int i = 0; i < models; i++) {
            homes.put("m" + i, fleet.quickPlaceOf(FleetFixture.ask("m" + i)));
        }
        fleet.fleet.checkInvariants();
        return homes;
    }

    private static FleetFixture sharded(int replicas, int endpoints, int models) {
        FleetFixture fleet = FleetFixture.with(FleetFixture.settings(Policy.LEAST_LOAD, replicas));
        fleet.join(names(endpoints));
        for (String name : names(endpoints)) {
            fleet.offer(name, modelNames(models));
        }
        return fleet;
    }

    private static String[] modelNames(int count) {
        String[] names = new String[count];
        for (int i = 0; i < count; i++) {
            names[i] = "m" + i;
        }
        return names;
    }

    private static Set<String> moved(Map<String, String> before, Map<String, String> after) {
        return before.keySet().stream()
                .filter(model -> !Objects.equals(before.get(model), after.get(model)))
                .collect(Collectors.toSet());
    }

    private static Set<String> of(String endpoint, Map<String, String> homes) {
        return homes.keySet().stream()
                .filter(model -> endpoint.equals(homes.get(model)))
                .collect(Collectors.toSet());
    }

    private static void leavingMovesOnlyItsOwn(int endpoints, int models) {
        FleetFixture fleet = sharded(1, endpoints, models);
        Map<String, String> before = homes(fleet, models);

        fleet.leave("e1");

        Map<String, String> after = homes(fleet, models);
        assertThat(moved(before, after)).isEqualTo(of("e1", before)).isNotEmpty();
        assertThat(new HashSet<>(after.values())).hasSize(endpoints - 1);
    }

    private static double partMovedByJoining(int endpoints, int models) {
        FleetFixture fleet = sharded(1, endpoints, models);
        Map<String, String> before = homes(fleet, models);

        fleet.join("new");
        fleet.offer("new", modelNames(models));

        Map<String, String> after = homes(fleet, models);
        assertThat(moved(before, after)).isEqualTo(of("new", after)).isNotEmpty();
        return moved(before, after).size() / (double) models;
    }

    @Test
    void leavingEndpointOfThreeMovesOnlyItsOwnOfThirtyModels() {
        leavingMovesOnlyItsOwn(3, 30);
    }

    @Test
    void leavingEndpointOfTenMovesOnlyItsOwnOfAThousandModels() {
        leavingMovesOnlyItsOwn(10, 1_000);
    }

    @Test
    void joiningEndpointTakesOnlyItsShareOfThirtyModels() {
        assertThat(partMovedByJoining(3, 30)).isCloseTo(1 / 4.0, within(0.2));
    }

    @Test
    void joiningEndpointTakesOnlyItsShareOfAThousandModels() {
        assertThat(partMovedByJoining(10, 1_000)).isCloseTo(1 / 11.0, within(0.03));
    }

    @Test
    void modelsAreSpreadEvenly() {
        Map<String, String> homes = homes(sharded(1, 10, 1_000), 1_000);

        for (String name : names(10)) {
            assertThat(of(name, homes).size()).as(name).isBetween(70, 130);
        }
    }

    @Test
    void modelsAreSpreadByWeightAndAlsoWhenItChanges() {
        FleetFixture fleet = sharded(1, 4, 1_000);
        Map<String, String> before = homes(fleet, 1_000);

        fleet.weigh("e0", 3);

        Map<String, String> after = homes(fleet, 1_000);
        assertThat(of("e0", after).size()).isBetween(440, 560);
        assertThat(moved(before, after)).isSubsetOf(of("e0", after));
    }

    @Test
    void unavailableEndpointIsReplacedByTheNextInRankUntilItIsBack() {
        FleetFixture fleet = sharded(1, 3, 30);
        Map<String, String> before = homes(fleet, 30);

        fleet.fleet.busyFor(id("e0"), 1_000, fleet.nowNanos);

        assertThat(moved(before, homes(fleet, 30))).isEqualTo(of("e0", before));
        fleet.nowNanos += 1_000;
        assertThat(homes(fleet, 30)).isEqualTo(before);
    }

    @Test
    void twoGatewaysComeToTheSameResultWhateverTheOrderOfJoining() {
        FleetFixture other = FleetFixture.with(FleetFixture.settings(Policy.ROUND_ROBIN, 1));
        for (String name : new String[] {"e2", "e0", "e1"}) {
            other.join(name);
            other.offer(name, modelNames(30));
        }

        assertThat(homes(other, 30)).isEqualTo(homes(sharded(1, 3, 30), 30));
    }

    @Test
    void scoreIsThatOfTheFirstRelease() {
        // Gateways of two releases side by side must agree.
        assertThat(Rendezvous.hash("")).isEqualTo(0xf52a15e9a9b5e89bL);
        assertThat(Rendezvous.score(Rendezvous.hash("llama"), Rendezvous.hash(id("e0")), 1))
                .isCloseTo(0.4533919667382322, within(1e-12));
    }

    /// Several replicas.
    @Nested
    class Replicas {
        private final FleetFixture fleet = sharded(2, 10, 1);
        private final Set<String> shard =
                fleet.spread(FleetFixture.ask("m0"), 200).keySet();

        @Test
        void modelIsServedByExactlyItsReplicas() {
            assertThat(shard).hasSize(2);
        }

        @Test
        void requestThatTriedOneReplicaGoesToTheOther() {
            for (String tried : shard) {
                Set<String> left =
                        fleet.spread(FleetFixture.ask("m0", tried), 100).keySet();

                assertThat(left).hasSize(1).isSubsetOf(shard).doesNotContain(tried);
            }
        }

        @Test
        void requestThatTriedAllReplicasGoesToTheNextInRank() {
            String[] tried = shard.toArray(String[]::new);

            Set<String> next = fleet.spread(FleetFixture.ask("m0", tried), 100).keySet();

            assertThat(next).hasSize(1).doesNotContainAnyElementsOf(shard);
        }

        @Test
        void requestGoesDownTheWholeRankBeforeItIsExhausted() {
            assertThat(fleet.choose(FleetFixture.ask("m0", names(9)))).isInstanceOf(Choice.Send.class);
            assertThat(fleet.choose(FleetFixture.ask("m0", names(10)))).isEqualTo(new Choice.Exhausted());
        }

        @Test
        void replicaThatIsOutHasASubstituteAndTheOtherStays() {
            String out = shard.iterator().next();
            fleet.fleet.busyFor(id(out), 1_000, fleet.nowNanos);

            Set<String> now = fleet.spread(FleetFixture.ask("m0"), 200).keySet();

            assertThat(now).hasSize(2).doesNotContain(out);
            assertThat(now).containsAnyElementsOf(shard);
        }

        @Test
        void moreReplicasThanEndpointsAreAllOfThem() {
            FleetFixture few = sharded(5, 3, 1);

            assertThat(few.spread(FleetFixture.ask("m0"), 200)).containsOnlyKeys(names(3));
        }
    }
}
