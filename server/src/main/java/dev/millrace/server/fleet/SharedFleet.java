package dev.millrace.server.fleet;

import dev.millrace.core.time.NanoClock;
import dev.millrace.gateway.fleet.Ask;
import dev.millrace.gateway.fleet.Attempt;
import dev.millrace.gateway.fleet.Choice;
import dev.millrace.gateway.fleet.EndpointId;
import dev.millrace.gateway.fleet.EndpointStatus;
import dev.millrace.gateway.fleet.Fleet;
import dev.millrace.gateway.fleet.FleetSettings;
import dev.millrace.gateway.fleet.Outcome;
import dev.millrace.gateway.retry.Fault;
import dev.millrace.gateway.retry.RetryBudget;
import dev.millrace.gateway.retry.RetryDecision;
import dev.millrace.gateway.retry.RetryPolicy;
import dev.millrace.gateway.retry.RetrySettings;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.random.RandomGenerator;

/// The policies over all upstreams, for all event loops. *Thread-safe*: each call is one short critical section, and
/// nothing is called from inside it.
public final class SharedFleet {
    private final Object lock = new Object();
    private final Fleet fleet;
    private final RetryPolicy retries;
    private final RetryBudget budget;
    private final NanoClock clock;
    private volatile boolean offersAnything;

    /// @param random used under the lock only
    SharedFleet(
            FleetSettings settings,
            RetrySettings retrying,
            RetryBudget budget,
            RandomGenerator random,
            NanoClock clock) {
        this.fleet = new Fleet(settings, random);
        this.retries = new RetryPolicy(retrying, random);
        this.budget = budget;
        this.clock = clock;
    }

    /// Where a new request goes.
    public Choice begin(Ask ask) {
        synchronized (lock) {
            budget.requested();
            return fleet.choose(ask, clock.nanoTime());
        }
    }

    /// Where a request goes that failed elsewhere.
    public Choice again(Ask ask) {
        synchronized (lock) {
            return fleet.choose(ask, clock.nanoTime());
        }
    }

    /// An attempt answers.
    public void answering(Attempt attempt) {
        synchronized (lock) {
            fleet.answering(attempt, clock.nanoTime());
        }
    }

    /// An attempt is over.
    public void ended(Attempt attempt, Outcome outcome) {
        synchronized (lock) {
            fleet.ended(attempt, outcome, clock.nanoTime());
        }
    }

    /// An attempt failed: what is to be done with its request.
    ///
    /// @param ask with that attempt's endpoint among those tried
    /// @param busyNanos how long the endpoint wants to be left alone; -1 if it did not say
    public RetryDecision failed(
            Attempt attempt, Outcome outcome, Fault fault, Ask ask, long busyNanos, Progress progress) {
        synchronized (lock) {
            long nowNanos = clock.nanoTime();
            fleet.ended(attempt, outcome, nowNanos);
            boolean othersLeft = fleet.canSend(ask, nowNanos);
            if (outcome == Outcome.BUSY && busyNanos > 0) {
                fleet.busyFor(attempt.endpoint(), busyNanos, nowNanos);
            }
            return retries.after(
                    fault,
                    progress.attempts(),
                    progress.shown(),
                    busyNanos,
                    progress.remainingNanos(),
                    othersLeft,
                    budget);
        }
    }

    /// How far a request is. *Immutable.*
    ///
    /// @param attempts how many were made
    /// @param shown the client has seen a part of an answer
    public record Progress(int attempts, boolean shown, long remainingNanos) {}

    /// True if anybody offers anything.
    public boolean offersAnything() {
        return offersAnything;
    }

    /// All public names.
    public Set<String> models() {
        synchronized (lock) {
            return Set.copyOf(fleet.models());
        }
    }

    /// All endpoints.
    public List<EndpointStatus> statuses() {
        synchronized (lock) {
            return fleet.statuses(clock.nanoTime());
        }
    }

    /// Retries that the budget did not allow.
    public long retriesRefused() {
        synchronized (lock) {
            return budget.refused();
        }
    }

    void endpoints(String upstream, Map<EndpointId, Integer> weights) {
        synchronized (lock) {
            fleet.endpoints(upstream, weights, clock.nanoTime());
            offersAnything = fleet.offersAnything();
        }
    }

    void offers(EndpointId endpoint, Map<String, String> models) {
        synchronized (lock) {
            fleet.offers(endpoint, models, clock.nanoTime());
            offersAnything = fleet.offersAnything();
        }
    }

    void probed(EndpointId endpoint, boolean well) {
        synchronized (lock) {
            fleet.probed(endpoint, well, clock.nanoTime());
        }
    }
}
