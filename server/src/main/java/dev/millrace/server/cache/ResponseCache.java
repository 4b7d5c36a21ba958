package dev.millrace.server.cache;

import dev.millrace.core.time.NanoClock;
import dev.millrace.gateway.cache.CachePolicy;
import dev.millrace.gateway.cache.Freshness;
import dev.millrace.gateway.cache.Invalidation;
import dev.millrace.gateway.cache.StoredAnswer;
import dev.millrace.server.config.CacheConfig;
import java.time.InstantSource;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// The response cache of a server, over all its event loops. *Thread-safe.*
public final class ResponseCache implements AutoCloseable {
    private static final int MOST_CHOICES = 8;

    private final CachePolicy policy;
    private final Freshness freshness;
    private final long mostBytes;
    private final ModelIdentities models;
    private final InstantSource wallClock;
    private final CacheCounts counts = new CacheCounts();
    private final AnswerStore store;
    private final Flights flights = new Flights();
    private final BodyMemo memo = new BodyMemo();
    private volatile @Nullable SharedTier tier;

    public ResponseCache(CacheConfig config, ModelIdentities models, NanoClock clock, InstantSource wallClock) {
        this.policy = new CachePolicy(config.mode(), config.stale(), MOST_CHOICES, true);
        this.freshness = new Freshness(config.ttl(), config.stale());
        this.mostBytes = config.largest().bytes();
        this.models = models;
        this.wallClock = wallClock;
        this.store = new AnswerStore(config.size().bytes(), freshness, clock, counts);
    }

    /// False if no request takes part.
    public boolean isOn() {
        return policy.mode() != CachePolicy.Mode.OFF;
    }

    /// Makes answers invalid: those that are stored, and those that are being computed.
    public void invalidate(Invalidation what) {
        store.invalidate(what, wallClock.millis());
        SharedTier others = tier;
        if (others != null) {
            others.tell(what);
        }
    }

    /// Shares answers with other servers from now on; closed with this.
    ///
    /// @param open makes the tier of what is to hear its news
    public void share(Function<SharedTier.Ear, SharedTier> open) {
        tier = open.apply(new SharedTier.Ear() {
            @Override
            public void heard(Invalidation what, long epochMillis) {
                store.invalidate(what, epochMillis);
            }

            @Override
            public void mismatched() {
                counts.mismatched();
            }
        });
    }

    /// What is shared with other servers; `null` if nothing is.
    @Nullable
    SharedTier tier() {
        return tier;
    }

    @Override
    public void close() {
        SharedTier others = tier;
        if (others != null) {
            others.close();
        }
    }

    /// What it did since the start.
    public CacheCounts counts() {
        return counts;
    }

    /// Answers that are stored.
    public long entries() {
        return store.entries();
    }

    /// What they take, in bytes.
    public long bytes() {
        return store.bytes();
    }

    /// Requests that wait for the answer to an equal one.
    public int waiting() {
        return flights.waiting();
    }

    /// What is known of models.
    public ModelIdentities models() {
        return models;
    }

    /// @throws IllegalStateException if the accounts do not balance
    public void checkInvariants() {
        store.checkInvariants();
        flights.checkInvariants();
    }

    /// Keeps an answer that was computed here.
    ///
    /// @param shareable other servers may have it, too
    void keep(StoredAnswer answer, Freshness.Life life, long token, boolean shareable) {
        if (!store.keep(answer, life, token)) {
            counts.outdated();
            return;
        }
        SharedTier others = tier;
        if (others != null && shareable) {
            others.store(answer);
        }
    }

    /// Keeps an answer from another server, if nothing speaks against it.
    ///
    /// @return how it stands; `null` if it is not valid
    Kept.@Nullable Found keepShared(StoredAnswer answer, long token, long nowNanos) {
        long nowMillis = wallClock.millis();
        if (!store.isValidShared(answer, nowMillis)) {
            return null;
        }
        var life = Freshness.Life.shared(answer, nowMillis, nowNanos);
        Freshness.Reading reading = freshness.read(life, nowNanos);
        if (reading.state() == Freshness.State.EXPIRED || !store.keep(answer, life, token)) {
            return null;
        }
        return new Kept.Found(new Kept(answer, life, token), reading);
    }

    CachePolicy policy() {
        return policy;
    }

    Freshness freshness() {
        return freshness;
    }

    /// Most bytes of one answer.
    long mostBytes() {
        return mostBytes;
    }

    AnswerStore store() {
        return store;
    }

    Flights flights() {
        return flights;
    }

    BodyMemo memo() {
        return memo;
    }
}
