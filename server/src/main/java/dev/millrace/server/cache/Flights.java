package dev.millrace.server.cache;

import dev.millrace.gateway.cache.SingleFlight;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Who computes what, and who waits for it. *Thread-safe*; nothing is called from within its lock.
///
/// A run belongs to its key, not to the client that began it: when that one leaves, the oldest follower owns
/// the run, and it goes on.
final class Flights {
    /// Answers that are computed at once, and followers of each; more than there are connections, usually.
    private static final int MOST_KEYS = 16_384;

    private static final int MOST_FOLLOWERS = 16_384;

    private final Object lock = new Object();
    private final SingleFlight<FlightKey, Visit> flights = new SingleFlight<>(MOST_KEYS, MOST_FOLLOWERS);
    private final Map<FlightKey, Live> live = new HashMap<>();

    /// What somebody who arrives is to do.
    enum Role {
        LEAD,
        FOLLOW,
        ALONE
    }

    /// @param run that is followed; `null` if it has not begun
    record Arrived(Role role, @Nullable Run run) {}

    /// What the end of a run, or somebody's leaving, means.
    ///
    /// @param served who gets what the run gave
    /// @param next who is to compute now
    /// @param orphan a run that nobody waits for any more
    /// @param goesOn the run goes on for others
    record Change(
            List<Visit> served,
            @Nullable Visit next,
            @Nullable Run orphan,
            boolean goesOn) {
        static final Change NONE = new Change(List.of(), null, null, false);
    }

    /// One key's leader and its run. Guarded by `lock`.
    private static final class Live {
        private Visit leader;
        private @Nullable Run run;
        private boolean followed;

        Live(Visit leader) {
            this.leader = leader;
        }
    }

    Arrived arrive(FlightKey key, Visit visit) {
        synchronized (lock) {
            return switch (flights.arrive(key, visit)) {
                case SingleFlight.Lead _ -> {
                    live.put(key, new Live(visit));
                    yield new Arrived(Role.LEAD, null);
                }
                case SingleFlight.Follow _ -> {
                    Live flight = live.get(key);
                    if (flight != null) {
                        flight.followed = true;
                    }
                    yield new Arrived(Role.FOLLOW, flight == null ? null : flight.run);
                }
                case SingleFlight.Rejected _ -> new Arrived(Role.ALONE, null);
            };
        }
    }

    /// True for one caller only, until its run has ended.
    boolean claimRefresh(FlightKey key, Visit refresher) {
        synchronized (lock) {
            boolean claimed = flights.claimRefresh(key, refresher);
            if (claimed) {
                live.put(key, new Live(refresher));
            }
            return claimed;
        }
    }

    /// The leader's run begins.
    ///
    /// @return true if somebody follows already
    boolean running(FlightKey key, Visit leader, Run run) {
        synchronized (lock) {
            Live flight = live.get(key);
            if (flight != null && flight.leader == leader) {
                flight.run = run;
                return flight.followed;
            }
            return false;
        }
    }

    /// There is an answer.
    ///
    /// @param starter who began the run, and has the answer by itself
    Change finished(FlightKey key, Visit starter) {
        synchronized (lock) {
            Live flight = live.get(key);
            if (flight == null || !isOf(flight, starter)) {
                return Change.NONE;
            }
            live.remove(key);
            List<Visit> served = new ArrayList<>(flights.finished(key, flight.leader));
            if (flight.leader != starter) {
                served.addFirst(flight.leader);
            }
            return new Change(served, null, null, false);
        }
    }

    /// There is no answer, or none that others may see.
    Change failed(FlightKey key, Visit starter) {
        synchronized (lock) {
            Live flight = live.get(key);
            if (flight == null || !isOf(flight, starter)) {
                return Change.NONE;
            }
            List<Visit> failed = new ArrayList<>();
            if (flight.leader != starter) {
                failed.add(flight.leader);
            }
            return switch (flights.failed(key, flight.leader)) {
                case SingleFlight.Takeover<Visit>(Visit next) -> {
                    var again = new Live(next);
                    again.followed = true;
                    live.put(key, again);
                    yield new Change(failed, next, null, false);
                }
                case SingleFlight.Dissolved<Visit>(List<Visit> followers) -> {
                    live.remove(key);
                    failed.addAll(followers);
                    yield new Change(failed, null, null, false);
                }
                case SingleFlight.Unchanged<Visit> _ -> new Change(failed, null, null, false);
            };
        }
    }

    /// Somebody no longer waits.
    Change left(FlightKey key, Visit visit) {
        synchronized (lock) {
            Live flight = live.get(key);
            return switch (flights.left(key, visit)) {
                case SingleFlight.Takeover<Visit>(Visit next)
                when flight != null -> {
                    flight.leader = next;
                    yield flight.run == null
                            ? new Change(List.of(), next, null, false)
                            : new Change(List.of(), null, null, true);
                }
                case SingleFlight.Dissolved<Visit> _
                when flight != null -> {
                    live.remove(key);
                    yield new Change(List.of(), null, flight.run, false);
                }
                case SingleFlight.Takeover<Visit> _, SingleFlight.Dissolved<Visit> _, SingleFlight.Unchanged<Visit> _ ->
                    Change.NONE;
            };
        }
    }

    /// A run that was followed by nobody's wish any more is not of the flight that may have begun since.
    private static boolean isOf(Live flight, Visit starter) {
        Run run = flight.run;
        return run == null ? flight.leader == starter : run.isOf(starter);
    }

    /// Requests that wait for another one's answer.
    int waiting() {
        synchronized (lock) {
            return flights.waiters() - flights.keys();
        }
    }

    void checkInvariants() {
        synchronized (lock) {
            flights.checkInvariants();
            if (live.size() != flights.keys()) {
                throw new IllegalStateException("flights: " + live.size() + " live (expected: " + flights.keys() + ")");
            }
        }
    }
}
