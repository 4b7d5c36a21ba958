package dev.millrace.server.cache;

import dev.millrace.gateway.cache.CacheKey;
import dev.millrace.gateway.cache.Invalidation;
import dev.millrace.gateway.cache.StoredAnswer;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Answers that several servers share. *Thread-safe*; nothing of it blocks, and whatever is wrong with it is a
/// miss.
public interface SharedTier extends AutoCloseable {
    /// Looks for an answer.
    ///
    /// @param found called once, soon, on any thread: with an answer to exactly this request of this tenant, or
    ///     `null`
    void find(CacheKey key, String tenant, Consumer<@Nullable StoredAnswer> found);

    /// Keeps an answer, if that can be done.
    void store(StoredAnswer answer);

    /// Tells the other servers what is no longer valid.
    void tell(Invalidation what);

    /// Forgets its connections.
    @Override
    void close();

    /// What a tier tells the cache of this server. *Thread-safe.*
    interface Ear {
        /// Something is no longer valid.
        ///
        /// @param epochMillis wall time when it became so
        void heard(Invalidation what, long epochMillis);

        /// An answer was not what was asked for.
        void mismatched();
    }
}
