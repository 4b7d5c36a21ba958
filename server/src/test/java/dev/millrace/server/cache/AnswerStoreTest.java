package dev.millrace.server.cache;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.gateway.cache.CacheKey;
import dev.millrace.gateway.cache.CacheScope;
import dev.millrace.gateway.cache.Freshness;
import dev.millrace.gateway.cache.Invalidation;
import dev.millrace.gateway.cache.Labels;
import dev.millrace.gateway.cache.Payload;
import dev.millrace.gateway.cache.StoredAnswer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class AnswerStoreTest {
    private static final long SECOND = 1_000_000_000;

    private final AtomicLong now = new AtomicLong(-5 * SECOND);
    private final CacheCounts counts = new CacheCounts();

    private AnswerStore store(long bytes, Duration stale) {
        return new AnswerStore(bytes, new Freshness(Duration.ofSeconds(10), stale), now::get, counts);
    }

    private static StoredAnswer answer(String text) {
        CacheKey key = CacheKey.of(new CacheScope("t", "chat", "m", "", "b"), text.getBytes(StandardCharsets.UTF_8));
        return new StoredAnswer(
                key,
                new Labels("t", "m", List.of()),
                1,
                10_000,
                StoredAnswer.Kind.WHOLE_JSON,
                200,
                1,
                1,
                List.of("stop"),
                new Payload(new byte[1_000], List.of()));
    }

    private boolean keep(AnswerStore store, StoredAnswer answer, long token) {
        return store.keep(answer, Freshness.Life.local(now.get(), answer.ttlMillis()), token);
    }

    @Test
    void anAnswerIsThereForItsLife() {
        AnswerStore store = store(1 << 20, Duration.ZERO);
        StoredAnswer answer = answer("a");
        keep(store, answer, store.started());

        now.addAndGet(9 * SECOND + SECOND / 2);
        Kept.Found late = store.find(answer.key(), now.get());
        now.addAndGet(SECOND);

        assertThat(late).isNotNull();
        assertThat(late.reading().state()).isEqualTo(Freshness.State.REFRESH_AHEAD);
        assertThat(store.find(answer.key(), now.get())).isNull();
        assertThat(store.entries()).isZero();
    }

    @Test
    void aStaleOneStaysForTheWindow() {
        AnswerStore store = store(1 << 20, Duration.ofSeconds(5));
        StoredAnswer answer = answer("a");
        keep(store, answer, store.started());

        now.addAndGet(12 * SECOND);
        Kept.Found stale = store.find(answer.key(), now.get());
        now.addAndGet(4 * SECOND);

        assertThat(stale).isNotNull();
        assertThat(stale.reading().state()).isEqualTo(Freshness.State.STALE_USABLE);
        assertThat(store.find(answer.key(), now.get())).isNull();
    }

    @Test
    void bytesAreBounded() {
        AnswerStore store = store(10_000, Duration.ZERO);
        for (int i = 0; i < 100; i++) {
            keep(store, answer("a" + i), store.started());
        }

        assertThat(store.entries()).isBetween(1L, 6L);
        assertThat(store.bytes()).isLessThanOrEqualTo(10_000);
        assertThat(counts.evictions()).isGreaterThanOrEqualTo(94);
    }

    @Test
    void whatWasBegunBeforeAnInvalidationIsNotKept() {
        AnswerStore store = store(1 << 20, Duration.ZERO);
        long before = store.started();
        store.invalidate(new Invalidation.Model("m"), 1);

        assertThat(keep(store, answer("a"), before)).isFalse();
        assertThat(keep(store, answer("a"), store.started())).isTrue();
        store.invalidate(new Invalidation.Model("other"), 2);
        assertThat(store.find(answer("a").key(), now.get())).isNotNull();
        store.invalidate(new Invalidation.Key(answer("a").key()), 3);
        assertThat(store.find(answer("a").key(), now.get())).isNull();
        store.checkInvariants();
    }
}
