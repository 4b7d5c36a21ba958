package dev.millrace.server;

import static dev.millrace.server.CachedAnswers.CHAT;
import static dev.millrace.server.CachedAnswers.ZERO;
import static dev.millrace.server.CachedAnswers.cache;
import static dev.millrace.server.CachedAnswers.withoutId;
import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.core.time.NanoClock;
import dev.millrace.engine.FinishReason;
import dev.millrace.server.config.CacheConfig;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// Two servers that share their answers in a Redis.
class SharedCacheIT {
    private final AtomicInteger runs = new AtomicInteger();
    private final AtomicInteger questions = new AtomicInteger();
    private final RedisProcess redis;
    private final TestServer one;
    private final TestServer two;

    SharedCacheIT() throws Exception {
        redis = RedisProcess.start();
        one = open();
        two = open();
    }

    private TestServer open() {
        CacheConfig own = CachedAnswers.config(Duration.ofMinutes(5), Duration.ZERO);
        var shared = new CacheConfig(
                own.mode(),
                own.size(),
                own.ttl(),
                own.stale(),
                own.largest(),
                new CacheConfig.SharedCacheConfig(redis.address(), null, null));
        var engine = new FakeEngine("fake")
                .playing(call ->
                        call.queued().token("run " + runs.incrementAndGet()).finished(FinishReason.STOP));
        return TestServer.caching(shared, TestUpstreams.NONE, engine);
    }

    @BeforeEach
    void awaitSharing() {
        one.await(this::shares);
    }

    @AfterEach
    void close() throws Exception {
        redis.resume();
        one.close();
        two.close();
        redis.close();
    }

    /// True if the second server has what the first one computed.
    private boolean shares() {
        String question = "\"seed\":" + questions.incrementAndGet();
        try {
            return cache(ask(one, question)).equals("miss")
                    && cache(ask(two, question)).equals("hit");
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    private static HttpResponse<String> ask(TestServer server, String... wishes) throws Exception {
        return server.post(CHAT, TestServer.chat("fake", wishes));
    }

    /// Asks the first server and waits until the answer is in Redis.
    private HttpResponse<String> askAndShare(String... wishes) throws Exception {
        String before = redis.command("DBSIZE");
        HttpResponse<String> answer = ask(one, wishes);
        one.await(() -> !before.equals(size()));
        return answer;
    }

    private String size() {
        try {
            return redis.command("DBSIZE");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void whatOneComputedTheOtherGives() throws Exception {
        HttpResponse<String> miss = askAndShare(ZERO, "\"stream\":true");

        HttpResponse<String> hit = ask(two, ZERO, "\"stream\":true");

        assertThat(cache(hit)).isEqualTo("hit");
        assertThat(withoutId(hit.body())).isEqualTo(withoutId(miss.body())).endsWith("data: [DONE]\n\n");
    }

    @Test
    void anInvalidationReachesTheOther() throws Exception {
        ask(one, ZERO);
        ask(two, ZERO);
        assertThat(cache(ask(two, ZERO))).isEqualTo("hit");

        CachedAnswers.invalidate(one, "{\"model\":\"fake\"}");

        assertThat(cache(ask(one, ZERO))).isEqualTo("miss");
        two.await(() -> {
            try {
                return cache(ask(two, ZERO)).equals("miss");
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        });
    }

    @Test
    void noRequestFailsWithoutRedis() throws Exception {
        redis.kill();

        for (int i = 0; i < 20; i++) {
            assertThat(ask(one, "\"seed\":" + questions.incrementAndGet()).statusCode())
                    .isEqualTo(200);
        }
        ask(one, ZERO);
        assertThat(cache(ask(one, ZERO))).isEqualTo("hit");

        redis.restart();
        one.await(this::shares);
    }

    @Test
    void aRedisThatStandsStillCostsMillisecondsAtMost() throws Exception {
        redis.pause();

        long started = NanoClock.SYSTEM.nanoTime();
        for (int i = 0; i < 50; i++) {
            assertThat(ask(one, "\"seed\":" + questions.incrementAndGet()).statusCode())
                    .isEqualTo(200);
        }
        Duration all = Duration.ofNanos(NanoClock.SYSTEM.nanoTime() - started);

        // 50 looks of 20 ms would be a second by themselves; the breaker opens after five.
        assertThat(all).isLessThan(Duration.ofSeconds(3));
        redis.resume();
        one.await(this::shares);
    }

    @Test
    void whatSomebodyElsePutThereIsNotTaken() throws Exception {
        String question = "\"seed\":" + questions.incrementAndGet();
        askAndShare(question);
        for (String name : redis.command("KEYS", "millrace:answer:*").split("\r\n", -1)) {
            if (name.startsWith("millrace:")) {
                redis.command("SET", name, "garbage");
            }
        }

        HttpResponse<String> answer = ask(two, question);

        assertThat(cache(answer)).isEqualTo("miss");
        assertThat(answer.body()).contains("run ");
        assertThat(two.server().cache().counts().integrityMismatches()).isEqualTo(1);
        one.await(this::shares);
    }
}
