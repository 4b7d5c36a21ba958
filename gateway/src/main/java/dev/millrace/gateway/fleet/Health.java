package dev.millrace.gateway.fleet;

import java.time.Duration;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/// How well one endpoint is. *Confined to its owner.*
///
/// ```
///            failures or probes                  time is over
///   in  ───────────────────────────▶  ejected ─────────────────▶ half open ── one trial at a time
///    ▲                                   ▲                          │   │
///    │  slow start                       └──── trial failed ────────┘   │
///    └───────────────── trial answered, or probes were good ────────────┘
/// ```
/// - The time is doubled with each trial that fails, and when an endpoint is ejected again before it was in for as
///   long as it had been out, or for the slow start: one that flaps is left alone for longer and longer.
/// - Requests sent before the last ejection say nothing about the endpoint now: their ends are counted, but neither
///   eject it again nor bring it back.
/// - Good probes do not bring back what was ejected for failures: such an endpoint answers probes while it fails at
///   its work. If probes fail, too, it was away, and good probes bring it back.
final class Health {
    private static final double FIRST_PART = 0.1;
    private static final double JITTER = 0.1;
    // An endpoint cannot take itself out for ever by a header.
    private static final long LONGEST_BUSY_NANOS = Duration.ofHours(1).toNanos();

    private static final long REFUSED_NANOS = 200_000_000;
    private static final double REFUSED_PART = 0.05;

    private final HealthSettings settings;
    private final RandomGenerator random;

    private boolean out;
    private boolean outByProbes;
    private long outUntilNanos;
    private long outNanos;
    private int doublings;
    private long returnedNanos;
    private long ejections;
    private @Nullable Attempt trial;

    private boolean warming;
    private long warmingFromNanos;
    private boolean refusedLately;
    private long refusedNanos;
    private boolean busy;
    private long busyUntilNanos;

    private int consecutiveFailures;
    private int probeFailures;
    private int probeSuccesses;

    Health(HealthSettings settings, RandomGenerator random) {
        this.settings = settings;
        this.random = random;
    }

    // --- What it allows

    /// True if it is ejected or half open.
    boolean isOut() {
        return out;
    }

    boolean isHalfOpen(long nowNanos) {
        return out && nowNanos - outUntilNanos >= 0;
    }

    boolean isBusy(long nowNanos) {
        return busy && nowNanos - busyUntilNanos < 0;
    }

    boolean canTake(long nowNanos) {
        return !isBusy(nowNanos) && (!out || (trial == null && isHalfOpen(nowNanos)));
    }

    /// When asking again makes sense; 0: now.
    long waitNanos(long nowNanos) {
        long left = isBusy(nowNanos) ? busyUntilNanos - nowNanos : 0;
        if (!out) {
            return left;
        }
        // How long a trial takes is unknown; the first ejection is the scale on which things may change.
        long untilTrial = isHalfOpen(nowNanos) ? (trial == null ? 0 : settings.ejectFirstNanos()) : 0;
        return Math.max(left, Math.max(untilTrial, outUntilNanos - nowNanos));
    }

    /// The part of its weight that counts for a choice: what it has grown to, and next to nothing right after it
    /// refused
    /// something.
    double share(long nowNanos) {
        boolean refused = refusedLately && nowNanos - refusedNanos < REFUSED_NANOS;
        refusedLately = refused;
        return rampFraction(nowNanos) * (refused ? REFUSED_PART : 1);
    }

    /// The part of its weight that it has grown to, from a tenth to the whole.
    double rampFraction(long nowNanos) {
        if (!warming) {
            return 1;
        }
        long elapsed = nowNanos - warmingFromNanos;
        if (elapsed >= settings.slowStartNanos()) {
            warming = false;
            return 1;
        }
        return FIRST_PART + (1 - FIRST_PART) * Math.max(0, elapsed) / settings.slowStartNanos();
    }

    // --- What it learns

    void warmUp(long nowNanos) {
        warming = true;
        warmingFromNanos = nowNanos;
    }

    void tryWith(Attempt attempt) {
        trial = attempt;
    }

    /// The endpoint has begun to answer.
    void answering(Attempt attempt, long nowNanos) {
        if (trial == attempt) {
            comeBack(nowNanos);
        }
    }

    void answered(Attempt attempt, long nowNanos) {
        if (trial == attempt) {
            comeBack(nowNanos);
        } else if (attempt.ejectionsBefore == ejections) {
            consecutiveFailures = 0;
        }
    }

    /// @return true if it is to be ejected, if others allow
    boolean failed(Attempt attempt, long nowNanos) {
        if (trial == attempt) {
            trial = null;
            consecutiveFailures++;
            eject(true, nowNanos);
            return false;
        }
        if (attempt.ejectionsBefore != ejections) {
            return false;
        }
        consecutiveFailures++;
        return consecutiveFailures >= settings.failuresToEject();
    }

    /// An end that says nothing: a trial leaves the place for the next.
    void undecided(Attempt attempt) {
        if (trial == attempt) {
            trial = null;
        }
    }

    /// It had too much to do and did not say for how long. Who refuses quickly has little to do and would be chosen
    /// again
    /// at once.
    void refused(long nowNanos) {
        refusedLately = true;
        refusedNanos = nowNanos;
    }

    void busyFor(long nanos, long nowNanos) {
        long until = nowNanos + Math.clamp(nanos, 0, LONGEST_BUSY_NANOS);
        if (!isBusy(nowNanos) || until - busyUntilNanos > 0) {
            busyUntilNanos = until;
        }
        busy = true;
    }

    void probedWell(long nowNanos) {
        probeFailures = 0;
        probeSuccesses = Math.min(probeSuccesses + 1, settings.probeSuccessesToReturn());
        if (outByProbes && probeSuccesses == settings.probeSuccessesToReturn()) {
            comeBack(nowNanos);
        }
    }

    /// @return true if it is to be taken out, if others are there
    boolean probedBadly(long nowNanos) {
        probeSuccesses = 0;
        probeFailures = Math.min(probeFailures + 1, settings.probeFailuresToEject());
        if (probeFailures < settings.probeFailuresToEject()) {
            return false;
        }
        if (out) {
            // No request need find out what the probes know; when they stop, the time runs out, and one does.
            outByProbes = true;
            stayOut(doublings + 1, nowNanos);
            return false;
        }
        return true;
    }

    void ejectForFailures(long nowNanos) {
        eject(isSoonAfterReturn(nowNanos), nowNanos);
    }

    void ejectByProbes(long nowNanos) {
        outByProbes = true;
        eject(isSoonAfterReturn(nowNanos), nowNanos);
    }

    private boolean isSoonAfterReturn(long nowNanos) {
        return ejections > 0 && nowNanos - returnedNanos < Math.max(settings.slowStartNanos(), outNanos);
    }

    private void eject(boolean again, long nowNanos) {
        out = true;
        ejections++;
        stayOut(again ? doublings + 1 : 0, nowNanos);
    }

    private void stayOut(int times, long nowNanos) {
        long nanos = settings.ejectFirstNanos();
        int done = 0;
        while (done < times && nanos < settings.ejectMostNanos()) {
            nanos *= 2;
            done++;
        }
        doublings = done;
        double jitter = 1 + JITTER * (2 * random.nextDouble() - 1);
        outNanos = Math.max(1, (long) (Math.min(nanos, settings.ejectMostNanos()) * jitter));
        outUntilNanos = nowNanos + outNanos;
    }

    private void comeBack(long nowNanos) {
        out = false;
        outByProbes = false;
        trial = null;
        consecutiveFailures = 0;
        returnedNanos = nowNanos;
        warmUp(nowNanos);
    }

    // --- What others may see

    long ejections() {
        return ejections;
    }

    int consecutiveFailures() {
        return consecutiveFailures;
    }

    void checkInvariants(Endpoint owner) {
        Attempt running = trial;
        if (running != null) {
            Expect.holds(out, "trial at " + owner.id, "in", "out");
            Expect.holds(!running.isEnded(), "trial at " + owner.id, "ended", "under way");
            Expect.holds(running.target == owner, "trial of " + owner.id, running.endpoint(), owner.id);
            Expect.holds(owner.inFlight > 0, "in flight at " + owner.id + " with a trial", owner.inFlight, ">= 1");
        }
        Expect.holds(out || !outByProbes, "taken out by probes: " + owner.id, "in", "out");
        Expect.holds(!out || ejections > 0, "ejections of " + owner.id + ", which is out", ejections, ">= 1");
    }
}
