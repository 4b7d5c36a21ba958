package dev.millrace.server.account;

import java.util.Locale;

/// The log line of a request: key=value pairs, nothing of the prompt or the answer, nothing the client could break
/// a line with.
final class RequestLine {
    private static final long NANOS_PER_MICRO = 1_000;
    private static final long MICROS_PER_MILLI = 1_000;

    private RequestLine() {}

    static String of(CallSummary call) {
        var line = new StringBuilder(256);
        line.append("event=request id=").append(call.id());
        line.append(" op=").append(call.operation().wireName());
        line.append(" model=").append(call.model());
        line.append(" stream=").append(call.stream());
        line.append(" status=").append(call.status());
        if (call.error() != null) {
            line.append(" error=").append(call.error().wireName());
        }
        if (call.finish() != null) {
            line.append(" finish=").append(call.finish().name().toLowerCase(Locale.ROOT));
        }
        if (call.cache() != CallSummary.CacheUse.NONE) {
            line.append(" cache=").append(call.cache().name().toLowerCase(Locale.ROOT));
        }
        line.append(" prompt_tokens=").append(call.usage().promptTokens());
        line.append(" cached_tokens=").append(call.usage().cachedTokens());
        line.append(" completion_tokens=").append(call.usage().completionTokens());
        millis(line, " queue_ms=", call.queueNanos() + call.timings().queueNanos());
        millis(line, " ttft_ms=", call.firstTokenNanos());
        millis(line, " total_ms=", call.totalNanos());
        return line.toString();
    }

    private static void millis(StringBuilder line, String key, long nanos) {
        long micros = nanos / NANOS_PER_MICRO;
        long fraction = micros % MICROS_PER_MILLI;
        line.append(key).append(micros / MICROS_PER_MILLI).append('.');
        line.append(fraction / 100).append(fraction / 10 % 10).append(fraction % 10);
    }
}
