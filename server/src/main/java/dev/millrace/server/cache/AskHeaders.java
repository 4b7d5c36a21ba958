package dev.millrace.server.cache;

import dev.millrace.gateway.cache.CacheAsk;
import dev.millrace.gateway.cache.CacheAsk.Temperature;
import dev.millrace.gateway.cache.CacheControl;
import dev.millrace.protocol.openai.Draw;
import dev.millrace.server.reply.HeaderNames;
import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpHeaders;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// What the headers of a request say to the cache. Stateless.
final class AskHeaders {
    private static final Pattern NUMBER = Pattern.compile("[0-9]{1,9}");
    private static final long NANOS_PER_MILLI = 1_000_000;

    private AskHeaders() {}

    static CacheAsk ask(MultiMap headers, Draw draw, boolean stream) {
        List<String> controls = headers.getAll(HttpHeaders.CACHE_CONTROL);
        String wish = headers.get(HeaderNames.CACHE);
        return new CacheAsk(
                temperature(draw.temperature()),
                draw.seeded(),
                draw.choices(),
                stream,
                controls.isEmpty() ? CacheControl.NONE : CacheControl.parse(String.join(",", controls)),
                wish == null ? CacheAsk.Wish.NONE : CacheAsk.Wish.parse(wish));
    }

    private static Temperature temperature(Draw.Given given) {
        return switch (given) {
            case NOT -> Temperature.OMITTED;
            case ZERO -> Temperature.ZERO;
            case OTHER -> Temperature.ABOVE_ZERO;
        };
    }

    /// Names that the answer is to be found by.
    static List<String> tags(MultiMap headers) {
        return headers.getAll(HeaderNames.CACHE_TAGS).stream()
                .flatMap(line -> Arrays.stream(line.split(",", -1)))
                .map(String::strip)
                .filter(tag -> !tag.isEmpty())
                .distinct()
                .toList();
    }

    /// How long the client waits; `otherwise` if it does not say, or longer than that.
    static long waitNanos(MultiMap headers, long otherwise) {
        @Nullable String millis = headers.get(HeaderNames.TIMEOUT_MS);
        if (millis == null || !NUMBER.matcher(millis).matches()) {
            return otherwise;
        }
        long nanos = Long.parseLong(millis) * NANOS_PER_MILLI;
        return nanos == 0 ? otherwise : Math.min(nanos, otherwise);
    }
}
