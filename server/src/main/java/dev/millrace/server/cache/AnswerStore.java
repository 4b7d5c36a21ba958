package dev.millrace.server.cache;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Expiry;
import dev.millrace.core.time.NanoClock;
import dev.millrace.gateway.cache.CacheKey;
import dev.millrace.gateway.cache.Freshness;
import dev.millrace.gateway.cache.Generations;
import dev.millrace.gateway.cache.Invalidation;
import dev.millrace.gateway.cache.StoredAnswer;
import java.time.Duration;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/// The answers of this process, bounded in bytes, and what has made them invalid. *Thread-safe*; a look takes
/// no lock unless something was made invalid since the answer was begun.
final class AnswerStore {
    /// Names and keys that are told apart before all answers are dropped at once.
    private static final int MOST_NAMES = 10_000;

    private static final Duration CLOCK_SKEW = Duration.ofSeconds(2);

    private final Freshness freshness;
    private final Cache<CacheKey, Kept> answers;
    private final CacheCounts counts;
    private final Object lock = new Object();
    private final Generations generations = new Generations(MOST_NAMES, CLOCK_SKEW);
    private volatile long number;

    /// @param mostBytes of all answers together
    AnswerStore(long mostBytes, Freshness freshness, NanoClock clock, CacheCounts counts) {
        this.freshness = freshness;
        this.counts = counts;
        answers = Caffeine.newBuilder()
                .maximumWeight(mostBytes)
                .weigher((CacheKey _, Kept kept) -> kept.bytes())
                .expireAfter(Expiry.<CacheKey, Kept>writing((_, kept) -> usable(kept)))
                .ticker(clock::nanoTime)
                .evictionListener((_, _, _) -> counts.evicted())
                // Its upkeep is short, and a pool of threads of its own would wake for each answer.
                .executor(Runnable::run)
                .build();
    }

    private Duration usable(Kept kept) {
        long millis = kept.life().ttlMillis()
                + freshness.staleWindow().toMillis()
                - kept.life().ageMillis();
        return Duration.ofMillis(Math.max(1, millis));
    }

    /// The valid answer under a key, if it is not over.
    Kept.@Nullable Found find(CacheKey key, long nowNanos) {
        Kept kept = answers.getIfPresent(key);
        if (kept == null) {
            return null;
        }
        if (!isValid(kept.token(), kept.answer())) {
            answers.asMap().remove(key, kept);
            return null;
        }
        Freshness.Reading reading = freshness.read(kept.life(), nowNanos);
        return reading.state() == Freshness.State.EXPIRED ? null : new Kept.Found(kept, reading);
    }

    /// The token of an answer that is begun now.
    long started() {
        return number;
    }

    /// Keeps an answer unless it has become invalid while it was computed.
    boolean keep(StoredAnswer answer, Freshness.Life life, long token) {
        if (!isValid(token, answer)) {
            return false;
        }
        answers.put(answer.key(), new Kept(answer, life, token));
        counts.stored();
        return true;
    }

    /// True if nothing that this process knows of has made an answer from elsewhere invalid.
    boolean isValidShared(StoredAnswer answer, long nowEpochMillis) {
        synchronized (lock) {
            return generations.isValidShared(answer, nowEpochMillis);
        }
    }

    private boolean isValid(long token, StoredAnswer answer) {
        if (token == number) {
            return true;
        }
        synchronized (lock) {
            return generations.isValid(token, answer.key(), answer.labels());
        }
    }

    /// Makes answers invalid, those that are being computed too, and forgets them.
    void invalidate(Invalidation what, long nowEpochMillis) {
        synchronized (lock) {
            generations.invalidate(what, nowEpochMillis);
            number = generations.started();
        }
        answers.asMap().values().removeIf(kept -> !isValid(kept.token(), kept.answer()));
    }

    long entries() {
        answers.cleanUp();
        return answers.estimatedSize();
    }

    long bytes() {
        return answers.policy()
                .eviction()
                .map(eviction -> eviction.weightedSize())
                .orElse(OptionalLong.empty())
                .orElse(0);
    }

    void checkInvariants() {
        synchronized (lock) {
            generations.checkInvariants();
        }
    }
}
