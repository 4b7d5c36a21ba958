package dev.millrace.protocol.openai;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.millrace.protocol.json.JsonBytes;

/// Pieces that both shapes of an answer share.
final class AnswerParts {
    static final byte[] DATA = "data: ".getBytes(US_ASCII);
    static final byte[] END = "\n\n".getBytes(US_ASCII);
    static final byte[] DONE = "data: [DONE]\n\n".getBytes(US_ASCII);

    private static final long NANOS_PER_MICRO = 1_000;
    private static final long NANOS_PER_SECOND = 1_000_000_000;

    private AnswerParts() {}

    /// `data: {"id":…,"object":…,"created":…,"model":…,"choices":[`
    static byte[] eventOpening(AnswerHead head, String idPrefix, String object) {
        var out = new JsonBytes(192);
        out.raw(DATA);
        opening(out, head, idPrefix, object);
        return out.toByteArray();
    }

    /// `]}` and the end of the event, with `"usage":null` if other events may carry usage.
    static byte[] eventClosing(AnswerHead head) {
        return ((head.usageAsked() ? "],\"usage\":null}" : "]}") + "\n\n").getBytes(US_ASCII);
    }

    static void opening(JsonBytes out, AnswerHead head, String idPrefix, String object) {
        out.ascii("{\"id\":\"").ascii(idPrefix).ascii(head.id());
        out.ascii("\",\"object\":\"").ascii(object);
        out.ascii("\",\"created\":").number(head.createdEpochSeconds());
        out.ascii(",\"model\":").string(head.model());
        out.ascii(",\"choices\":[");
    }

    /// `"usage":{…},"timings":{…}`
    static void accounts(JsonBytes out, TokenUsage usage, TokenTimings timings) {
        out.ascii("\"usage\":{\"prompt_tokens\":").number(usage.promptTokens());
        out.ascii(",\"completion_tokens\":").number(usage.completionTokens());
        out.ascii(",\"total_tokens\":").number((long) usage.promptTokens() + usage.completionTokens());
        out.ascii(",\"prompt_tokens_details\":{\"cached_tokens\":").number(usage.cachedTokens());
        out.ascii("},\"completion_tokens_details\":{\"reasoning_tokens\":0}},\"timings\":{\"cache_n\":");
        out.number(usage.cachedTokens());
        out.ascii(",\"queue_ms\":").thousandths(timings.queueNanos() / NANOS_PER_MICRO);
        out.ascii(",\"prompt_n\":").number((long) usage.promptTokens() - usage.cachedTokens());
        out.ascii(",\"prompt_ms\":").thousandths(timings.prefillNanos() / NANOS_PER_MICRO);
        out.ascii(",\"predicted_n\":").number(usage.completionTokens());
        out.ascii(",\"predicted_ms\":").thousandths(timings.decodeNanos() / NANOS_PER_MICRO);
        out.ascii(",\"predicted_per_second\":").thousandths(perSecondThousandths(usage, timings));
        out.ascii("}");
    }

    /// Tokens per second of the decode phase, which lies between the first token and the last.
    private static long perSecondThousandths(TokenUsage usage, TokenTimings timings) {
        long gaps = Math.max(0, usage.completionTokens() - 1);
        return timings.decodeNanos() <= 0 ? 0 : Math.round(1e3 * gaps * NANOS_PER_SECOND / timings.decodeNanos());
    }
}
