package dev.millrace.server.redis;

import io.lettuce.core.ClientOptions;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisURI;
import io.lettuce.core.SocketOptions;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.codec.ByteArrayCodec;
import io.lettuce.core.codec.StringCodec;
import io.lettuce.core.pubsub.StatefulRedisPubSubConnection;
import io.lettuce.core.resource.ClientResources;
import io.lettuce.core.resource.Delay;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The connections to one Redis: one for commands, one for news. Both are opened again after they are lost,
/// each time a little later and by chance, so that many servers do not come back together. *Thread-safe.*
final class RedisLink implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(RedisLink.class);
    private static final Duration CONNECT = Duration.ofSeconds(1);
    private static final int THREADS = 2;

    private final RedisURI address;
    private final ClientResources resources;
    private final RedisClient client;
    private final Delay pauses =
            Delay.fullJitter(Duration.ofMillis(50), Duration.ofSeconds(5), 50, TimeUnit.MILLISECONDS);
    private final AtomicReference<@Nullable StatefulRedisConnection<byte[], byte[]>> commands = new AtomicReference<>();
    private volatile boolean closed;

    /// What comes of the second connection.
    interface Listener {
        /// It is there, for the first time or again: what was said before was missed.
        void connected(StatefulRedisPubSubConnection<String, String> connection);

        /// The first one is there, for the first time or again.
        void commandsConnected();
    }

    RedisLink(RedisOptions options) {
        RedisURI.Builder uri =
                RedisURI.builder(RedisURI.create(options.address())).withTimeout(CONNECT);
        if (options.password() != null) {
            uri.withPassword(options.password().toCharArray());
        }
        address = uri.build();
        resources = ClientResources.builder()
                .ioThreadPoolSize(THREADS)
                .computationThreadPoolSize(THREADS)
                .build();
        client = RedisClient.create(resources, address);
        client.setOptions(ClientOptions.builder()
                .autoReconnect(false)
                .disconnectedBehavior(ClientOptions.DisconnectedBehavior.REJECT_COMMANDS)
                .socketOptions(SocketOptions.builder().connectTimeout(CONNECT).build())
                .build());
    }

    /// Begins.
    void open(Listener listener) {
        openCommands(listener, 1);
        openNews(listener, 1);
    }

    /// The connection for commands; `null` while there is none.
    @Nullable
    StatefulRedisConnection<byte[], byte[]> connection() {
        StatefulRedisConnection<byte[], byte[]> connection = commands.get();
        return connection != null && connection.isOpen() ? connection : null;
    }

    /// Replies cannot be trusted any more: begins with a new connection.
    void drop() {
        StatefulRedisConnection<byte[], byte[]> connection = commands.get();
        if (connection != null) {
            var _ = connection.closeAsync();
        }
    }

    private void openCommands(Listener listener, int attempt) {
        if (closed) {
            return;
        }
        var _ = client.connectAsync(ByteArrayCodec.INSTANCE, address).whenComplete((connection, failure) -> {
            if (connection == null) {
                again(attempt, "commands", failure, () -> openCommands(listener, attempt + 1));
                return;
            }
            connection.addListener(new Lost(() -> openCommands(listener, 1)));
            commands.set(connection);
            LOG.info("event=redis_connected address={}", address.getHost() + ":" + address.getPort());
            listener.commandsConnected();
        });
    }

    private void openNews(Listener listener, int attempt) {
        if (closed) {
            return;
        }
        var _ = client.connectPubSubAsync(StringCodec.UTF8, address).whenComplete((connection, failure) -> {
            if (connection == null) {
                again(attempt, "news", failure, () -> openNews(listener, attempt + 1));
                return;
            }
            connection.addListener(new Lost(() -> openNews(listener, 1)));
            listener.connected(connection);
        });
    }

    private void again(int attempt, String which, @Nullable Throwable failure, Runnable open) {
        if (closed) {
            return;
        }
        Duration pause = pauses.createDelay(Math.min(attempt, 30));
        if (attempt == 1) {
            LOG.warn(
                    "event=redis_unreachable which={} reason=\"{}\"",
                    which,
                    failure == null ? "" : failure.getMessage());
        }
        var _ = resources.eventExecutorGroup().schedule(open, pause.toMillis() + 10, TimeUnit.MILLISECONDS);
    }

    /// Opens a connection again when one is lost.
    private final class Lost implements io.lettuce.core.RedisConnectionStateListener {
        private final Runnable open;

        Lost(Runnable open) {
            this.open = open;
        }

        @Override
        public void onRedisDisconnected(io.lettuce.core.RedisChannelHandler<?, ?> connection) {
            again(1, "lost", null, open);
        }
    }

    @Override
    public void close() {
        closed = true;
        var _ = client.shutdownAsync(0, 1, TimeUnit.SECONDS).thenRun(() -> {
            var _ = resources.shutdown(0, 1, TimeUnit.SECONDS);
        });
    }
}
