package dev.millrace.server.redis;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.millrace.gateway.cache.Invalidation;
import dev.millrace.gateway.cache.InvalidationMessage;
import dev.millrace.gateway.cache.MessageOrder;
import dev.millrace.server.cache.SharedTier;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.pubsub.RedisPubSubAdapter;
import io.lettuce.core.pubsub.StatefulRedisPubSubConnection;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What servers tell each other about answers that are no longer valid. *Thread-safe.*
///
/// Publishing reaches those who listen at that moment. So the latest are kept in a list, too, for who comes
/// later or was cut off; and who was cut off takes everything that it has for invalid.
final class RedisNews implements RedisLink.Listener {
    private static final Logger LOG = LoggerFactory.getLogger(RedisNews.class);
    private static final String CHANNEL = "millrace:invalidations";
    private static final byte[] LIST = "millrace:invalidations:latest".getBytes(UTF_8);
    private static final int KEPT = 1_000;
    private static final int MOST_SENDERS = 1_000;
    private static final long LIFE_MILLIS = Duration.ofDays(33).toMillis();

    private final RedisLink link;
    private final String instance;
    private final SharedTier.Ear ear;
    private final InstantSource wallClock;
    private final Object lock = new Object();
    private final MessageOrder order = new MessageOrder(MOST_SENDERS);
    private long number;

    RedisNews(RedisLink link, String instance, SharedTier.Ear ear, InstantSource wallClock) {
        this.link = link;
        this.instance = instance;
        this.ear = ear;
        this.wallClock = wallClock;
    }

    /// Others hear of it, if they can be reached; each message has its number, sent or not, so that a lost one
    /// shows.
    void tell(Invalidation what) {
        synchronized (lock) {
            number++;
            var message = new InvalidationMessage(instance, number, what);
            StatefulRedisConnection<byte[], byte[]> connection = link.connection();
            if (connection == null) {
                LOG.warn("event=invalidation_not_told number={}", number);
                return;
            }
            var commands = connection.async();
            byte[] kept = (wallClock.millis() + " " + message.text()).getBytes(UTF_8);
            var _ = commands.rpush(LIST, kept);
            var _ = commands.ltrim(LIST, -KEPT, -1);
            var _ = commands.pexpire(LIST, LIFE_MILLIS);
            var _ = commands.publish(CHANNEL.getBytes(UTF_8), message.text().getBytes(UTF_8));
        }
    }

    @Override
    public void connected(StatefulRedisPubSubConnection<String, String> connection) {
        connection.addListener(new RedisPubSubAdapter<String, String>() {
            @Override
            public void message(String channel, String text) {
                heard(text);
            }
        });
        // First to listen, then to read what was said before: the other way round something could be missed.
        var _ = connection.async().subscribe(CHANNEL).thenRun(() -> {
            ear.heard(new Invalidation.All(), 0);
            readLatest();
        });
    }

    @Override
    public void commandsConnected() {
        readLatest();
    }

    private void readLatest() {
        StatefulRedisConnection<byte[], byte[]> commands = link.connection();
        if (commands == null) {
            return;
        }
        var _ = commands.async().lrange(LIST, 0, KEPT).thenAccept(this::heardBefore);
    }

    private void heardBefore(List<byte[]> latest) {
        for (byte[] line : latest) {
            String text = new String(line, UTF_8);
            int blank = text.indexOf(' ');
            if (blank < 1 || blank > 18 || !text.substring(0, blank).chars().allMatch(c -> c >= '0' && c <= '9')) {
                continue;
            }
            long when = Long.parseLong(text.substring(0, blank));
            InvalidationMessage.parse(text.substring(blank + 1)).ifPresent(message -> ear.heard(message.what(), when));
        }
    }

    private void heard(String text) {
        InvalidationMessage.parse(text).ifPresent(message -> {
            if (message.sender().equals(instance)) {
                return;
            }
            MessageOrder.Place place;
            synchronized (lock) {
                place = order.observe(message);
            }
            switch (place) {
                case NEXT -> ear.heard(message.what(), wallClock.millis());
                case AFTER_A_GAP -> ear.heard(new Invalidation.All(), wallClock.millis());
                case REPEATED -> {
                    // It was obeyed then.
                }
            }
        });
    }
}
