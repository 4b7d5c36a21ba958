package dev.millrace.gateway.cache;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;

/// Lets one request compute what many wait for. *Confined to its owner.*
///
/// The first to arrive at a key leads, the others follow. If the leader fails or leaves, the oldest follower leads;
/// after [#MAX_FAILURES] failures in a row the rest is sent off, so that a thousand waiters do not fail one after the
/// other. Every waiter ends once: as a leader by `finished`, `failed` or `left`, as a follower in the list that one of
/// these returns, or by `left`. A call by somebody who no longer leads, which is late, changes nothing.
///
/// ```java
/// switch (flights.arrive(key, me)) {
///     case SingleFlight.Lead lead -> …      // compute, then finished(key, me) or failed(key, me)
///     case SingleFlight.Follow follow -> … // wait to be served or to lead
///     case SingleFlight.Rejected full -> … // compute alone
/// }
/// ```
///
/// @param <K> what is computed
/// @param <W> who waits for it; told apart by `equals`
public final class SingleFlight<K, W> {
    /// Failures of one key's leaders, one after the other, that send its followers off.
    public static final int MAX_FAILURES = 3;

    private final int maxKeys;
    private final int maxFollowers;
    private final Map<K, Flight<W>> flights = new HashMap<>();

    /// @param maxKeys most keys at once
    /// @param maxFollowers most followers of one key
    public SingleFlight(int maxKeys, int maxFollowers) {
        if (maxKeys < 1 || maxFollowers < 0) {
            throw new IllegalArgumentException(
                    "flights: " + maxKeys + " keys, " + maxFollowers + " followers (expected: at least 1 and 0)");
        }
        this.maxKeys = maxKeys;
        this.maxFollowers = maxFollowers;
    }

    /// What somebody who arrives is to do.
    public sealed interface Arrival permits Lead, Follow, Rejected {}

    /// Compute it.
    public record Lead() implements Arrival {}

    /// Wait.
    ///
    /// @param position 1 is next to lead
    public record Follow(int position) implements Arrival {}

    /// There is no room to wait, and nobody will call.
    public record Rejected(Full full) implements Arrival {}

    /// What there is too much of.
    public enum Full {
        /// Keys.
        KEYS,
        /// Followers of this key.
        FOLLOWERS
    }

    /// What the end of a leader, or somebody's leaving, means for the others.
    ///
    /// @param <W> who waits
    public sealed interface Succession<W> permits Takeover, Dissolved, Unchanged {}

    /// Another one leads, and is to compute now.
    public record Takeover<W>(W leader) implements Succession<W> {}

    /// Nobody computes it any more.
    ///
    /// @param followers whom nobody will serve; empty if nobody was left
    public record Dissolved<W>(List<W> followers) implements Succession<W> {
        public Dissolved {
            followers = List.copyOf(followers);
        }
    }

    /// Nothing for the others.
    public record Unchanged<W>() implements Succession<W> {}

    /// Somebody needs `key`.
    ///
    /// @throws IllegalArgumentException if that one waits for it already
    public Arrival arrive(K key, W waiter) {
        Flight<W> flight = flights.get(key);
        if (flight == null) {
            if (flights.size() == maxKeys) {
                return new Rejected(Full.KEYS);
            }
            flights.put(key, new Flight<>(waiter));
            return new Lead();
        }
        if (flight.leader.equals(waiter) || flight.followers.contains(waiter)) {
            throw new IllegalArgumentException("waiter: waits for this key already (expected: a new one)");
        }
        if (flight.followers.size() == maxFollowers) {
            return new Rejected(Full.FOLLOWERS);
        }
        flight.followers.add(waiter);
        return new Follow(flight.followers.size());
    }

    /// Takes the lead of a key that an answer is still there for, to compute it anew behind the scenes. Who arrives
    /// meanwhile follows.
    ///
    /// @return true for one caller only, until that one has finished, failed or left; false also if somebody
    ///     computes it anyway
    public boolean claimRefresh(K key, W refresher) {
        if (flights.containsKey(key) || flights.size() == maxKeys) {
            return false;
        }
        flights.put(key, new Flight<>(refresher));
        return true;
    }

    /// The leader has the answer.
    ///
    /// @return whom to serve, oldest first; empty if `leader` does not lead
    public List<W> finished(K key, W leader) {
        Flight<W> flight = flights.get(key);
        if (flight == null || !flight.leader.equals(leader)) {
            return List.of();
        }
        flights.remove(key);
        return new ArrayList<>(flight.followers);
    }

    /// The leader has no answer, or none that others may see.
    public Succession<W> failed(K key, W leader) {
        Flight<W> flight = flights.get(key);
        if (flight == null || !flight.leader.equals(leader)) {
            return new Unchanged<>();
        }
        flight.failures++;
        return succeed(key, flight);
    }

    /// Somebody no longer wants the answer.
    public Succession<W> left(K key, W waiter) {
        Flight<W> flight = flights.get(key);
        if (flight == null) {
            return new Unchanged<>();
        }
        if (flight.leader.equals(waiter)) {
            return succeed(key, flight);
        }
        flight.followers.remove(waiter);
        return new Unchanged<>();
    }

    /// Keys that somebody computes.
    public int keys() {
        return flights.size();
    }

    /// Leaders and followers of all keys.
    public int waiters() {
        return flights.values().stream().mapToInt(f -> 1 + f.followers.size()).sum();
    }

    /// @throws IllegalStateException if the accounts do not balance
    public void checkInvariants() {
        verify(flights.size() <= maxKeys, "keys: " + flights.size() + " (expected: at most " + maxKeys + ")");
        for (Flight<W> flight : flights.values()) {
            int followers = flight.followers.size();
            verify(followers <= maxFollowers, "followers: " + followers + " (expected: at most " + maxFollowers + ")");
            verify(!flight.followers.contains(flight.leader), "leader: follows itself (expected: not to)");
            verify(
                    flight.failures < MAX_FAILURES,
                    "failures: " + flight.failures + " (expected: less than " + MAX_FAILURES + ")");
        }
    }

    private Succession<W> succeed(K key, Flight<W> flight) {
        if (flight.followers.isEmpty() || flight.failures == MAX_FAILURES) {
            flights.remove(key);
            return new Dissolved<>(new ArrayList<>(flight.followers));
        }
        flight.leader = flight.followers.removeFirst();
        return new Takeover<>(flight.leader);
    }

    private static void verify(boolean holds, String message) {
        if (!holds) {
            throw new IllegalStateException(message);
        }
    }

    /// One key that somebody computes.
    private static final class Flight<W> {
        private final LinkedHashSet<W> followers = new LinkedHashSet<>();
        private W leader;
        private int failures;

        Flight(W leader) {
            this.leader = leader;
        }
    }
}
