package dev.millrace.gateway.cache;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.millrace.gateway.cache.CacheAsk.Temperature;
import dev.millrace.gateway.cache.CacheAsk.Wish;
import java.util.List;

/// Requests and answers as these tests speak of them.
final class CacheFixture {
    static final CacheScope SCOPE = new CacheScope("acme", "/v1/chat/completions", "sha256:m", "sha256:t", "llama-b1");
    static final Labels LABELS = new Labels("acme", "qwen", List.of("prices", "été"));

    private CacheFixture() {}

    static CacheKey key(String body) {
        return CacheKey.of(SCOPE, body.getBytes(UTF_8));
    }

    /// A request with this temperature, and nothing else that matters.
    static CacheAsk ask(Temperature temperature) {
        return new CacheAsk(temperature, false, 1, false, CacheControl.NONE, Wish.NONE);
    }

    /// A request that repeats exactly, with these headers.
    static CacheAsk ask(String cacheControl, Wish wish) {
        return new CacheAsk(Temperature.ZERO, false, 1, false, CacheControl.parse(cacheControl), wish);
    }

    static StoredAnswer answer(String body) {
        return answer(body, 1_000_000);
    }

    static StoredAnswer answer(String body, long createdEpochMillis) {
        byte[] text = "{\"id\":\"chatcmpl-1\",\"x\":\"ä\"} and chatcmpl-1".getBytes(UTF_8);
        var spots = List.of(new Payload.Spot(7, 10), new Payload.Spot(text.length - 10, 10));
        return new StoredAnswer(
                key(body),
                LABELS,
                createdEpochMillis,
                300_000,
                StoredAnswer.Kind.WHOLE_JSON,
                200,
                17,
                42,
                List.of("stop", "length"),
                new Payload(text, spots));
    }
}
