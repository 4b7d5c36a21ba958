package dev.millrace.protocol.openai;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.core.error.ErrorCode;
import dev.millrace.protocol.json.JsonBytes;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

class AnswerWriterTest {
    private static final TokenUsage USAGE = new TokenUsage(10, 4, 5);
    private static final TokenTimings TIMINGS = new TokenTimings(1_500_000, 20_000_000, 80_000_000);
    private static final TokenChances CHANCES = new TokenChances(
            new TokenChances.Chance("é", List.of(195, 169), -0.5f),
            List.of(
                    new TokenChances.Chance("é", List.of(195, 169), -0.5f),
                    new TokenChances.Chance("\ufffd", List.of(195), Float.NEGATIVE_INFINITY)));

    @Test
    void chatStreamIsTheDocumentedSequenceOfEvents() {
        var out = new JsonBytes(16);
        AnswerWriter writer = AnswerWriter.chat(new AnswerHead("1", 7, "m\"x", true, true));

        writer.start(out);
        writer.delta(out, "a\"\n\u0007é😀", null);
        writer.delta(out, "é", CHANCES);
        writer.finish(out, FinishWord.LENGTH);
        writer.usage(out, USAGE, TIMINGS);
        AnswerWriter.done(out);

        String head =
                "data: {\"id\":\"chatcmpl-1\",\"object\":\"chat.completion.chunk\",\"created\":7,\"model\":\"m\\\"x\",\"choices\":[";
        String chances = "{\"content\":[{\"token\":\"é\",\"logprob\":-0.5,\"bytes\":[195,169],\"top_logprobs\":["
                + "{\"token\":\"é\",\"logprob\":-0.5,\"bytes\":[195,169]},{\"token\":\"\ufffd\",\"logprob\":-9999.0,\"bytes\":[195]}"
                + "]}],\"refusal\":null}";
        assertThat(text(out))
                .isEqualTo(head
                        + "{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":\"\"},\"logprobs\":null,\"finish_reason\":null}"
                        + "],\"usage\":null}\n\n" + head
                        + "{\"index\":0,\"delta\":{\"content\":\"a\\\"\\n\\u0007é😀\"},\"logprobs\":null,\"finish_reason\":null}"
                        + "],\"usage\":null}\n\n" + head
                        + "{\"index\":0,\"delta\":{\"content\":\"é\"},\"logprobs\":" + chances
                        + ",\"finish_reason\":null}"
                        + "],\"usage\":null}\n\n" + head
                        + "{\"index\":0,\"delta\":{},\"logprobs\":null,\"finish_reason\":\"length\"}"
                        + "],\"usage\":null}\n\n" + head + "]," + accounts() + "}\n\ndata: [DONE]\n\n");
    }

    @Test
    void eventsSayNothingOfUsageUnlessItWasAskedFor() {
        var out = new JsonBytes(16);

        AnswerWriter.chat(new AnswerHead("1", 7, "m", false, false)).delta(out, "a", null);

        assertThat(text(out)).endsWith("\"finish_reason\":null}]}\n\n");
    }

    @Test
    void wholeChatIsOneObject() {
        var out = new JsonBytes(16);

        AnswerWriter.chat(new AnswerHead("1", 7, "m", false, false))
                .whole(out, "hi", null, FinishWord.STOP, USAGE, TIMINGS);

        assertThat(text(out))
                .isEqualTo(
                        "{\"id\":\"chatcmpl-1\",\"object\":\"chat.completion\",\"created\":7,\"model\":\"m\",\"choices\":["
                                + "{\"index\":0,\"message\":{\"role\":\"assistant\",\"content\":\"hi\",\"refusal\":null},\"logprobs\":null,"
                                + "\"finish_reason\":\"stop\"}]," + accounts() + "}");
    }

    @Test
    void completionHasItsOwnShapes() {
        var out = new JsonBytes(16);
        AnswerWriter writer = AnswerWriter.completion(new AnswerHead("1", 7, "m", false, true));

        writer.start(out);
        writer.delta(out, "ab", null);
        writer.delta(out, "é", CHANCES);
        writer.finish(out, FinishWord.STOP);

        String head =
                "data: {\"id\":\"cmpl-1\",\"object\":\"text_completion\",\"created\":7,\"model\":\"m\",\"choices\":[";
        assertThat(text(out))
                .isEqualTo(head + "{\"text\":\"ab\",\"index\":0,\"logprobs\":null,\"finish_reason\":null}]}\n\n" + head
                        + "{\"text\":\"é\",\"index\":0,\"logprobs\":{\"tokens\":[\"é\"],\"token_logprobs\":[-0.5],\"top_logprobs\":["
                        + "{\"é\":-0.5,\"\ufffd\":-9999.0}],\"text_offset\":[2]},\"finish_reason\":null}]}\n\n" + head
                        + "{\"text\":\"\",\"index\":0,\"logprobs\":null,\"finish_reason\":\"stop\"}]}\n\n");
    }

    @Test
    void errorHasAlwaysFourKeys() {
        assertThat(new String(ApiError.of(ErrorCode.QUEUE_FULL, "later").toBytes(), StandardCharsets.UTF_8))
                .isEqualTo(
                        "{\"error\":{\"message\":\"later\",\"type\":\"rate_limit_error\",\"param\":null,\"code\":\"queue_full\"}}");
        var out = new JsonBytes(16);
        AnswerWriter.error(out, new ApiError(ErrorCode.INVALID_REQUEST, "no", "stop"));
        assertThat(text(out))
                .isEqualTo("data: {\"error\":{\"message\":\"no\",\"type\":\"invalid_request_error\",\"param\":\"stop\","
                        + "\"code\":\"invalid_request\"}}\n\n");
    }

    @Test
    void loneSurrogatesNeverReachTheWire() {
        var out = new JsonBytes(16).string("a\ud800b\udc00\ud83d");

        assertThat(text(out)).isEqualTo("\"a\ufffdb\ufffd\ufffd\"");
    }

    @Test
    void numbersAreWrittenAsTheyAre() {
        var out = new JsonBytes(1);
        for (long value : new long[] {0, 9, 10, 1234567890123L, Long.MAX_VALUE, -1, Long.MIN_VALUE}) {
            out.number(value).ascii(" ");
        }
        out.thousandths(0).ascii(" ").thousandths(7).ascii(" ").thousandths(1_234_056);

        assertThat(text(out))
                .isEqualTo("0 9 10 1234567890123 9223372036854775807 -1 -9223372036854775808 0.000 0.007 1234.056");
    }

    private static String accounts() {
        return "\"usage\":{\"prompt_tokens\":10,\"completion_tokens\":5,\"total_tokens\":15,\"prompt_tokens_details\":"
                + "{\"cached_tokens\":4},\"completion_tokens_details\":{\"reasoning_tokens\":0}},\"timings\":{\"cache_n\":4,"
                + "\"queue_ms\":1.500,\"prompt_n\":6,\"prompt_ms\":20.000,\"predicted_n\":5,\"predicted_ms\":80.000,"
                + "\"predicted_per_second\":50.000}";
    }

    private static String text(JsonBytes out) {
        return new String(out.toByteArray(), StandardCharsets.UTF_8);
    }
}
