package dev.millrace.gateway.fleet;

import static dev.millrace.gateway.fleet.FleetFixture.MODEL;
import static dev.millrace.gateway.fleet.FleetFixture.SECOND;
import static dev.millrace.gateway.fleet.FleetFixture.ask;
import static dev.millrace.gateway.fleet.FleetFixture.id;
import static dev.millrace.gateway.fleet.FleetFixture.names;
import static dev.millrace.gateway.fleet.FleetFixture.ofSession;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/// Which of several endpoints takes a request.
class SelectionTest {
    /// The fewest requests in flight.
    @Nested
    class LeastLoad {
        @Test
        void ofTwoTheLessLoadedOneTakesIt() {
            FleetFixture fleet = FleetFixture.leastLoad("a", "b");
            fleet.sendTo("a");

            assertThat(fleet.spread(ask(MODEL), 50)).containsOnlyKeys("b");
        }

        @Test
        void loadIsMeasuredByWeight() {
            FleetFixture fleet = FleetFixture.leastLoad("a", "b");
            fleet.weigh("a", 4);
            for (int i = 0; i < 3; i++) {
                fleet.sendTo("a");
            }
            fleet.sendTo("b");

            assertThat(fleet.spread(ask(MODEL), 50)).containsOnlyKeys("a");
        }

        @Test
        void idleEndpointsGetRequestsByTheirWeights() {
            FleetFixture fleet = FleetFixture.leastLoad("a", "b", "c");
            fleet.weigh("a", 2);

            Map<String, Integer> spread = fleet.spread(ask(MODEL), 4_000);

            assertThat(spread.get("a")).isCloseTo(2_000, within(150));
            assertThat(spread.get("b")).isCloseTo(1_000, within(150));
        }

        @Test
        void mostLoadedOfManyTakesNothingAndNobodyIsLeftOut() {
            FleetFixture fleet = FleetFixture.leastLoad(names(5));
            fleet.sendTo("e3");

            assertThat(fleet.spread(ask(MODEL), 200)).containsOnlyKeys("e0", "e1", "e2", "e4");
        }

        @Test
        void loadsOfManyStayCloseTogether() {
            FleetFixture fleet = FleetFixture.leastLoad(names(10));

            for (int i = 0; i < 2_000; i++) {
                fleet.send();
            }

            // Two random choices: the most loaded is above the mean by ln ln n and a bit, one choice would be 40 above.
            assertThat(fleet.fleet.statuses(fleet.nowNanos))
                    .extracting(EndpointStatus::inFlight)
                    .allSatisfy(inFlight -> assertThat(inFlight).isBetween(196, 204));
        }
    }

    /// One after the other.
    @Nested
    class RoundRobin {
        private final FleetFixture fleet = FleetFixture.of(Policy.ROUND_ROBIN, "a", "b", "c");

        private List<String> places(Ask ask, int requests) {
            List<String> places = new ArrayList<>();
            for (int i = 0; i < requests; i++) {
                places.add(fleet.placeOf(ask));
            }
            return places;
        }

        @Test
        void everyEndpointHasItsTurn() {
            List<String> places = places(ask(MODEL), 6);

            assertThat(places.subList(0, 3)).containsExactlyInAnyOrder("a", "b", "c");
            assertThat(places.subList(3, 6)).isEqualTo(places.subList(0, 3));
        }

        @Test
        void heavyEndpointHasMoreTurnsAndNotAllAtOnce() {
            fleet.weigh("a", 3);

            List<String> places = places(ask(MODEL), 5);

            assertThat(places).filteredOn("a"::equals).hasSize(3);
            assertThat(places).contains("b", "c");
            assertThat(String.join("", places)).doesNotContain("aaa");
        }

        @Test
        void turnsOfEachModelAreItsOwn() {
            for (String name : new String[] {"a", "b", "c"}) {
                fleet.offer(name, MODEL, "other");
            }
            List<String> places = new ArrayList<>();

            for (int i = 0; i < 3; i++) {
                places.add(fleet.placeOf(ask(MODEL)));
                fleet.placeOf(ask("other"));
                fleet.offer("a", MODEL, "other");
            }

            assertThat(places).containsExactlyInAnyOrder("a", "b", "c");
        }

        @Test
        void turnsDoNotDependOnLoad() {
            for (int i = 0; i < 30; i++) {
                fleet.sendTo("a");
            }

            assertThat(fleet.spread(ask(MODEL), 30)).containsEntry("a", 10);
        }

        @Test
        void warmingEndpointHasFewerTurns() {
            fleet.join("d");
            fleet.offer("d", MODEL);

            assertThat(fleet.spread(ask(MODEL), 310).get("d")).isBetween(9, 11);
        }
    }

    /// Conversations.
    @Nested
    class Sessions {
        private final FleetFixture fleet = FleetFixture.of(Policy.SESSION, names(5));

        private Map<String, String> homes() {
            Map<String, String> homes = new HashMap<>();
            for (int i = 0; i < 500; i++) {
                homes.put("s" + i, fleet.placeOf(ofSession("s" + i)));
            }
            return homes;
        }

        @Test
        void conversationStaysWhereItIsWhateverTheLoad() {
            String home = fleet.placeOf(ofSession("s"));
            for (int i = 0; i < 50; i++) {
                fleet.sendTo(home);
            }

            assertThat(fleet.spread(ofSession("s"), 20)).containsOnlyKeys(home);
        }

        @Test
        void conversationsAreSpreadOverAll() {
            Map<String, Long> counts = new HashMap<>();
            homes().values().forEach(home -> counts.merge(home, 1L, Long::sum));

            assertThat(counts).hasSize(5);
            assertThat(counts.values()).allMatch(count -> count > 65 && count < 135);
        }

        @Test
        void onlyConversationsOfAnEndpointThatLeftMove() {
            Map<String, String> before = homes();

            fleet.leave("e2");

            Map<String, String> after = homes();
            before.forEach((session, home) -> {
                if (home.equals("e2")) {
                    assertThat(after.get(session)).isNotEqualTo("e2");
                } else {
                    assertThat(after.get(session)).isEqualTo(home);
                }
            });
        }

        @Test
        void conversationComesHomeWhenItsEndpointIsBack() {
            String home = fleet.placeOf(ofSession("s"));
            fleet.fleet.busyFor(id(home), SECOND.toNanos(), fleet.nowNanos);
            assertThat(fleet.placeOf(ofSession("s"))).isNotEqualTo(home);

            fleet.pass(SECOND);

            assertThat(fleet.placeOf(ofSession("s"))).isEqualTo(home);
        }

        @Test
        void slowStartDoesNotMoveConversationsAgain() {
            fleet.join("new");
            fleet.offer("new", MODEL);
            Map<String, String> during = homes();

            fleet.pass(FleetFixture.SLOW_START);

            assertThat(homes()).isEqualTo(during).containsValue("new");
        }

        @Test
        void heavyEndpointHasMoreConversations() {
            fleet.weigh("e0", 4);

            assertThat(homes().values().stream().filter("e0"::equals).count()).isBetween(200L, 300L);
        }

        @Test
        void requestWithoutAConversationGoesToTheLessLoaded() {
            FleetFixture two = FleetFixture.of(Policy.SESSION, "a", "b");
            two.sendTo("a");

            assertThat(two.spread(ask(MODEL), 50)).containsOnlyKeys("b");
        }
    }
}
