package dev.millrace.server.redis;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.millrace.core.time.NanoClock;
import dev.millrace.gateway.cache.CacheKey;
import dev.millrace.gateway.cache.Envelope;
import dev.millrace.gateway.cache.Invalidation;
import dev.millrace.gateway.cache.StoredAnswer;
import dev.millrace.server.cache.SharedTier;
import io.lettuce.core.RedisFuture;
import io.lettuce.core.SetArgs;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.api.async.RedisAsyncCommands;
import java.time.InstantSource;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// Answers in a Redis. *Thread-safe.*
///
/// A look has 20 ms; what takes longer, fails or is refused by the breaker is a miss, and the request goes on
/// without. An answer that is not the one that was asked for costs the connection its life: replies may be out
/// of step.
public final class RedisTier implements SharedTier {
    private static final long BUDGET_MILLIS = 20;
    private static final int MOST_PENDING = 1_000;
    private static final int MOST_FAILURES = 5;
    private static final long OPEN_NANOS = 1_000_000_000;
    private static final String PREFIX = "millrace:answer:";

    private final RedisOptions options;
    private final RedisLink link;
    private final RedisNews news;
    private final SharedTier.Ear ear;
    private final NanoClock clock;
    private final Breaker breaker = new Breaker(MOST_FAILURES, OPEN_NANOS);
    private final AtomicInteger pending = new AtomicInteger();

    /// Begins to connect; until it has, every look is a miss.
    ///
    /// @param ear is told what other servers say
    public RedisTier(RedisOptions options, SharedTier.Ear ear, NanoClock clock, InstantSource wallClock) {
        this.options = options;
        this.ear = ear;
        this.clock = clock;
        this.link = new RedisLink(options);
        this.news = new RedisNews(link, options.instance(), ear, wallClock);
        link.open(news);
    }

    @Override
    public void find(CacheKey key, String tenant, Consumer<@Nullable StoredAnswer> found) {
        // No more than this is taken over, whatever somebody put there.
        long last = options.mostEnvelopeBytes();
        var reply = ask(commands -> commands.getrange(name(key), 0, last));
        if (reply == null) {
            found.accept(null);
            return;
        }
        var _ = reply.toCompletableFuture()
                .orTimeout(BUDGET_MILLIS, TimeUnit.MILLISECONDS)
                .whenComplete((bytes, failure) -> {
                    ended(failure);
                    found.accept(
                            failure != null || bytes == null || bytes.length == 0 ? null : opened(bytes, key, tenant));
                });
    }

    private @Nullable StoredAnswer opened(byte[] bytes, CacheKey key, String tenant) {
        return switch (Envelope.decode(bytes, key, tenant, options.seal(), options.mostEnvelopeBytes())) {
            case Envelope.Opened.Entry(StoredAnswer answer) -> answer;
            case Envelope.Opened.Mismatch(Envelope.Reason reason) -> {
                // Another version's answer is no fault of the connection.
                if (reason != Envelope.Reason.OTHER_VERSION) {
                    ear.mismatched();
                    link.drop();
                }
                yield null;
            }
        };
    }

    @Override
    public void store(StoredAnswer answer) {
        byte[] envelope = Envelope.encode(answer, options.seal());
        if (envelope.length > options.mostEnvelopeBytes()) {
            return;
        }
        var reply = ask(commands -> commands.set(name(answer.key()), envelope, SetArgs.Builder.px(answer.ttlMillis())));
        if (reply != null) {
            var _ = reply.toCompletableFuture()
                    .orTimeout(1, TimeUnit.SECONDS)
                    .whenComplete((_, failure) -> ended(failure));
        }
    }

    @Override
    public void tell(Invalidation what) {
        news.tell(what);
    }

    /// A command on its way; `null` if it is not to be asked now.
    private <T> @Nullable RedisFuture<T> ask(Function<RedisAsyncCommands<byte[], byte[]>, RedisFuture<T>> command) {
        StatefulRedisConnection<byte[], byte[]> connection = link.connection();
        if (connection == null || pending.get() >= MOST_PENDING || !breaker.allows(clock.nanoTime())) {
            return null;
        }
        pending.incrementAndGet();
        try {
            return command.apply(connection.async());
        } catch (RuntimeException e) {
            ended(e);
            return null;
        }
    }

    private void ended(@Nullable Throwable failure) {
        pending.decrementAndGet();
        if (failure == null) {
            breaker.succeeded();
        } else {
            breaker.failed(clock.nanoTime());
        }
    }

    private static byte[] name(CacheKey key) {
        return (PREFIX + key.hex()).getBytes(US_ASCII);
    }

    /// True while there is a connection.
    public boolean isConnected() {
        return link.connection() != null;
    }

    @Override
    public void close() {
        link.close();
    }
}
