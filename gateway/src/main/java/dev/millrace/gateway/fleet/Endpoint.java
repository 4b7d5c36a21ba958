package dev.millrace.gateway.fleet;

import dev.millrace.gateway.fleet.EndpointStatus.State;
import java.util.Collections;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeSet;

/// One endpoint with its accounts. *Confined to its owner.*
final class Endpoint {
    final EndpointId id;
    final long hash;
    final Health health;

    /// What it offers, by public name.
    final Map<String, Offer> offers = new HashMap<>();

    int weight;
    int inFlight;
    long attempts;
    long failures;

    /// It takes no new requests; it is remembered until the last one under way has ended.
    boolean gone;

    Endpoint(EndpointId id, int weight, Health health) {
        this.id = id;
        this.hash = Rendezvous.hash(id);
        this.weight = weight;
        this.health = health;
    }

    State state(long nowNanos) {
        if (gone) {
            return State.GONE;
        }
        if (health.isOut()) {
            return health.isHalfOpen(nowNanos) ? State.TRIAL : State.EJECTED;
        }
        if (health.isBusy(nowNanos)) {
            return State.BUSY;
        }
        if (offers.isEmpty()) {
            return State.NEW;
        }
        return health.rampFraction(nowNanos) < 1 ? State.WARMING : State.WELL;
    }

    EndpointStatus status(long nowNanos) {
        return new EndpointStatus(
                id,
                state(nowNanos),
                inFlight,
                weight,
                Collections.unmodifiableSet(new TreeSet<>(offers.keySet())),
                attempts,
                failures,
                health.ejections(),
                health.consecutiveFailures());
    }

    void checkInvariants() {
        Expect.holds(inFlight >= 0, "in flight at " + id, inFlight, ">= 0");
        Expect.holds(!gone || inFlight > 0, "in flight at " + id + ", which is gone", inFlight, ">= 1");
        Expect.holds(!gone || offers.isEmpty(), "offers of " + id + ", which is gone", offers.size(), 0);
        Expect.holds(weight >= 1, "weight of " + id, weight, ">= 1");
        health.checkInvariants(this);
    }
}
