package dev.millrace.server;

import dev.millrace.core.ByteSize;
import dev.millrace.gateway.cache.CachePolicy;
import dev.millrace.server.config.CacheConfig;
import java.net.http.HttpResponse;
import java.time.Duration;

/// What tests of the response cache say to a server again and again.
final class CachedAnswers {
    static final String CHAT = "/v1/chat/completions";
    static final String COMPLETION = "/v1/completions";
    static final String ZERO = "\"temperature\":0";

    private CachedAnswers() {}

    static CacheConfig config(Duration ttl, Duration stale) {
        return new CacheConfig(
                CachePolicy.Mode.DETERMINISTIC, ByteSize.mebibytes(8), ttl, stale, new ByteSize(64 << 10), null);
    }

    /// What the cache did.
    static String cache(HttpResponse<String> answer) {
        return answer.headers().firstValue("x-millrace-cache").orElse("");
    }

    /// The answer without what is each request's own.
    static String withoutId(String body) {
        return body.replaceAll("\"id\":\"[^\"]*\"", "\"id\":\"\"");
    }

    static String id(HttpResponse<String> answer) {
        return answer.body().replaceFirst("(?s).*?\"id\":\"([^\"]*)\".*", "$1");
    }

    static HttpResponse<String> invalidate(TestServer server, String body) throws Exception {
        return server.post("/admin/cache/invalidate", body);
    }
}
