package dev.millrace.gateway.cache;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;

/// Makes all answers of a model, a tag, a tenant or everything invalid at once, without finding them. *Confined to its
/// owner.*
///
/// Invalidations are numbered. Who begins to compute an answer takes the number of the latest, [#started()], and the
/// answer is stored with it: it is valid while nothing that concerns it has a higher number. So an answer that was
/// begun before an invalidation and stored after it, as a slow one will be, is invalid although it is the newest there
/// is.
///
/// An answer from the shared tier has no number of this process. There, wall time decides: it must have been begun
/// after the invalidation, by more than clocks may differ.
public final class Generations {
    private static final Bump NEVER = new Bump(0, 0);

    private final int maxNames;
    private final long skewMillis;
    private final Map<Invalidation, Bump> bumps = new HashMap<>();
    private Bump all = NEVER;
    private long number;
    private long latestEpochMillis;

    /// @param maxNames names and keys that are kept apart; one more makes everything invalid and starts afresh
    /// @param clockSkew how far the wall clocks of two instances may be apart
    public Generations(int maxNames, Duration clockSkew) {
        if (maxNames < 1 || clockSkew.isNegative()) {
            throw new IllegalArgumentException(
                    "generations: " + maxNames + " names, skew " + clockSkew + " (expected: at least 1 and 0)");
        }
        this.maxNames = maxNames;
        this.skewMillis = clockSkew.toMillis();
    }

    /// The token of an answer whose computation, or whose way here from the shared tier, begins now, to be
    /// stored with it.
    public long started() {
        return number;
    }

    /// Makes answers invalid: those that are stored, and those that are being computed.
    ///
    /// @param nowEpochMillis wall time; if it went back, the latest reading counts
    public void invalidate(Invalidation what, long nowEpochMillis) {
        latestEpochMillis = Math.max(latestEpochMillis, nowEpochMillis);
        number++;
        var bump = new Bump(number, latestEpochMillis);
        boolean full = bumps.size() == maxNames && !bumps.containsKey(what);
        if (what instanceof Invalidation.All || full) {
            bumps.clear();
            all = bump;
        } else {
            bumps.put(what, bump);
        }
    }

    /// True if nothing has made an answer of this process invalid since it was begun.
    ///
    /// @param token of [#started()]
    public boolean isValid(long token, CacheKey key, Labels labels) {
        return token <= number && latest(key, labels).number() <= token;
    }

    /// True if nothing that this process knows of has made an answer from the shared tier invalid. One that claims to
    /// be from the future proves nothing, so after an invalidation it is not valid.
    public boolean isValidShared(StoredAnswer answer, long nowEpochMillis) {
        latestEpochMillis = Math.max(latestEpochMillis, nowEpochMillis);
        Bump latest = latest(answer.key(), answer.labels());
        long begun = answer.createdEpochMillis();
        return latest.number() == 0
                || (begun - skewMillis > latest.epochMillis() && begun - skewMillis <= latestEpochMillis);
    }

    /// Names and keys that are kept apart now.
    public int names() {
        return bumps.size();
    }

    /// @throws IllegalStateException if the accounts do not balance
    public void checkInvariants() {
        boolean rising = all.number() <= number
                && bumps.values().stream().allMatch(b -> b.number() > all.number() && b.number() <= number);
        if (bumps.size() > maxNames || !rising) {
            throw new IllegalStateException("generations: " + bumps.size() + " names at number " + number + ", all at "
                    + all.number() + " (expected: at most " + maxNames + " names, each between the two)");
        }
    }

    private Bump latest(CacheKey key, Labels labels) {
        if (bumps.isEmpty()) {
            return all;
        }
        Bump latest = later(all, new Invalidation.Key(key));
        latest = later(latest, new Invalidation.Model(labels.model()));
        latest = later(latest, new Invalidation.Tenant(labels.tenant()));
        for (String tag : labels.tags()) {
            latest = later(latest, new Invalidation.Tag(tag));
        }
        return latest;
    }

    private Bump later(Bump one, Invalidation what) {
        Bump other = bumps.getOrDefault(what, NEVER);
        return other.number() > one.number() ? other : one;
    }

    /// The latest invalidation of something.
    private record Bump(long number, long epochMillis) {}
}
