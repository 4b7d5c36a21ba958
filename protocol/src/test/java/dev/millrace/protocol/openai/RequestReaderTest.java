package dev.millrace.protocol.openai;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.core.error.ErrorCode;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class RequestReaderTest {
    @Test
    void everyFieldOfAChatIsRead() {
        ChatRequest chat = accepted("""
                {"model":"m","messages":[
                  {"role":"system","content":"be brief"},
                  {"role":"developer","content":[{"type":"text","text":"a"},{"type":"text","text":"b"}]},
                  {"role":"user","content":"hi","name":"x"},
                  {"role":"assistant","content":null,"tool_calls":[]},
                  {"role":"tool","content":"42","tool_call_id":"t"}],
                 "stream":true,"stream_options":{"include_usage":true,"include_obfuscation":false},
                 "max_tokens":5,"max_completion_tokens":7,"temperature":0.5,"top_p":0.9,"top_k":-1,"min_p":0.1,
                 "repeat_penalty":1.1,"repeat_last_n":-1,"presence_penalty":-2,"frequency_penalty":2,"seed":-3,
                 "stop":["a","b"],"ignore_eos":true,"min_tokens":2,"logprobs":true,"top_logprobs":3,
                 "logit_bias":{"7":-100,"8":1.5},"chat_template_kwargs":{"think":false,"n":[1,{"a":"b"},null]},
                 "cache_prompt":true,"n":1,"user":"u","metadata":{"a":"b"},"store":false,"service_tier":"auto",
                 "parallel_tool_calls":true,"tools":[],"tool_choice":"auto","response_format":{"type":"text"},
                 "modalities":["text"],"reasoning_effort":"low","something_new":{"deep":[[1]]}}
                """);

        assertThat(chat.messages())
                .extracting(ChatRequest.Message::role)
                .containsExactly(
                        ChatRequest.Role.SYSTEM,
                        ChatRequest.Role.DEVELOPER,
                        ChatRequest.Role.USER,
                        ChatRequest.Role.ASSISTANT,
                        ChatRequest.Role.TOOL);
        assertThat(chat.messages().get(1).content()).isEqualTo("a\nb");
        assertThat(chat.messages().get(3).content()).isEmpty();
        assertThat(chat.templateArguments()).isEqualTo(Map.of("think", false, "n", List.of(1L, Map.of("a", "b"))));
        assertThat(chat.fields())
                .isEqualTo(new RequestFields(
                        "m",
                        true,
                        true,
                        7,
                        List.of("a", "b"),
                        true,
                        2,
                        3,
                        null,
                        chat.fields().sampling()));
        assertThat(chat.fields().sampling())
                .isEqualTo(new RequestFields.SamplingFields(
                        0.5, 0.9, -1, 0.1, 1.1, -1, -2.0, 2.0, -3L, Map.of(7, -100f, 8, 1.5f)));
    }

    @Test
    void absentAndNullFieldsAreLeftToTheDefaults() {
        ChatRequest chat =
                accepted(chat("\"stream\":null,\"stop\":null,\"seed\":null,\"tools\":null,\"n\":null,\"audio\":null"));

        assertThat(chat.fields())
                .isEqualTo(new RequestFields(
                        "m",
                        false,
                        false,
                        null,
                        List.of(),
                        false,
                        0,
                        RequestFields.NO_LOGPROBS,
                        null,
                        new RequestFields.SamplingFields(
                                null, null, null, null, null, null, null, null, null, Map.of())));
    }

    @Test
    void completionPromptMayBeTextOneTextOrTokens() {
        assertThat(completion("\"prompt\":\"once\"").prompt())
                .isEqualTo(new CompletionRequest.PromptField.Text("once"));
        assertThat(completion("\"prompt\":[\"once\"]").prompt())
                .isEqualTo(new CompletionRequest.PromptField.Text("once"));
        assertThat(completion("\"prompt\":[1,2,3]").prompt())
                .isEqualTo(new CompletionRequest.PromptField.Tokens(List.of(1, 2, 3)));
        assertThat(completion("\"prompt\":\"x\",\"logprobs\":2,\"echo\":false,\"best_of\":1,\"suffix\":\"\"")
                        .fields()
                        .logprobs())
                .isEqualTo(2);
    }

    @Test
    void textMayHoldAnyCharacterButNulAndLoneSurrogates() {
        ChatRequest chat = accepted(
                "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"\\u00e4 \\ud83d\\ude00 😀 \\u0001\"}]}");

        assertThat(chat.messages().getFirst().content()).isEqualTo("ä 😀 😀 \u0001");
    }

    /// Field, value, code and param: what is refused and what it is blamed on.
    static Stream<Arguments> refusedFields() {
        return Stream.of(
                field("model", "7", "model"),
                field("model", "\"a\\u0000b\"", ErrorCode.INVALID_UTF8, "model"),
                field("stream", "1", "stream"),
                field("stream", "\"true\"", "stream"),
                field("stream_options", "true", "stream_options"),
                field("stream_options", "{\"include_usage\":1}", "stream_options.include_usage"),
                field("max_tokens", "0", "max_tokens"),
                field("max_tokens", "-1", "max_tokens"),
                field("max_tokens", "2147483648", "max_tokens"),
                field("max_tokens", "9223372036854775808", "max_tokens"),
                field("max_tokens", "1.5", "max_tokens"),
                field("max_tokens", "1e3", "max_tokens"),
                field("max_tokens", "\"5\"", "max_tokens"),
                field("max_tokens", "[]", "max_tokens"),
                field("max_completion_tokens", "0", "max_completion_tokens"),
                field("temperature", "-0.1", "temperature"),
                field("temperature", "2.1", "temperature"),
                field("temperature", "1e999", "temperature"),
                field("temperature", "\"hot\"", "temperature"),
                field("top_p", "-0.1", "top_p"),
                field("top_p", "1.1", "top_p"),
                field("top_k", "-2", "top_k"),
                field("top_k", "99999999999", "top_k"),
                field("min_p", "-1", "min_p"),
                field("min_p", "2", "min_p"),
                field("presence_penalty", "-2.1", "presence_penalty"),
                field("presence_penalty", "2.1", "presence_penalty"),
                field("frequency_penalty", "-3", "frequency_penalty"),
                field("frequency_penalty", "3", "frequency_penalty"),
                field("repeat_penalty", "0", "repeat_penalty"),
                field("repetition_penalty", "-1", "repetition_penalty"),
                field("repeat_penalty", "11", "repeat_penalty"),
                field("repeat_last_n", "4097", "repeat_last_n"),
                field("repeat_last_n", "-2", "repeat_last_n"),
                field("seed", "9223372036854775808", "seed"),
                field("seed", "1.5", "seed"),
                field("seed", "1e999999999", "seed"),
                field("stop", "7", "stop"),
                field("stop", "\"\"", "stop"),
                field("stop", "[\"\"]", "stop"),
                field("stop", "[7]", "stop"),
                field("stop", "[[\"a\"]]", "stop"),
                field("stop", "\"" + "a".repeat(1025) + "\"", "stop"),
                field("stop", "\"" + "ä".repeat(513) + "\"", "stop"),
                field("stop", "[" + "\"a\",".repeat(16) + "\"a\"]", "stop"),
                field("stop", "[" + "\"a\",".repeat(1_000_000) + "\"a\"]", "stop"),
                field("stop", "\"\\ud800\"", ErrorCode.INVALID_UTF8, "stop"),
                field("ignore_eos", "0", "ignore_eos"),
                field("min_tokens", "-1", "min_tokens"),
                field("min_tokens", "6", "min_tokens", "\"max_tokens\":5"),
                field("cache_prompt", "\"yes\"", "cache_prompt"),
                field("logprobs", "3", "logprobs"),
                field("top_logprobs", "21", "top_logprobs"),
                field("top_logprobs", "-1", "top_logprobs"),
                field("top_logprobs", "3", "top_logprobs"),
                field("logit_bias", "[]", "logit_bias"),
                field("logit_bias", "{\"x\":1}", "logit_bias"),
                field("logit_bias", "{\"-1\":1}", "logit_bias"),
                field("logit_bias", "{\"\":1}", "logit_bias"),
                field("logit_bias", "{\"12345678901\":1}", "logit_bias"),
                field("logit_bias", "{\"1\":101}", "logit_bias"),
                field("logit_bias", "{\"1\":\"a\"}", "logit_bias"),
                field("logit_bias", biases(1025), "logit_bias"),
                field("chat_template_kwargs", "[]", "chat_template_kwargs"),
                field("chat_template_kwargs", "{\"a\":[" + "1,".repeat(1000) + "1]}", "chat_template_kwargs"),
                field("chat_template_kwargs", "{\"a\":\"\\udc00\"}", ErrorCode.INVALID_UTF8, "chat_template_kwargs"),
                field("chat_template_kwargs", "{\"a\":1e999}", "chat_template_kwargs"),
                field("messages", "[]", "messages"),
                field("messages", "{}", "messages"),
                field("messages", "\"hi\"", "messages"),
                field("messages", "[7]", "messages[0]"),
                field("messages", "[{}]", "messages[0].role"),
                field("messages", "[{\"role\":\"user\"}]", "messages[0].content"),
                field("messages", "[{\"role\":\"user\",\"content\":null}]", "messages[0].content"),
                field("messages", "[{\"role\":\"king\",\"content\":\"a\"}]", "messages[0].role"),
                field("messages", "[{\"role\":7,\"content\":\"a\"}]", "messages[0].role"),
                field("messages", "[{\"role\":\"user\",\"content\":7}]", "messages[0].content"),
                field("messages", "[{\"role\":\"user\",\"content\":[7]}]", "messages[0].content[0]"),
                field("messages", "[{\"role\":\"user\",\"content\":[{\"type\":\"text\"}]}]", "messages[0].content[0]"),
                field("messages", "[{\"role\":\"user\",\"content\":[{\"text\":\"a\"}]}]", "messages[0].content[0]"),
                field(
                        "messages",
                        "[{\"role\":\"user\",\"content\":\"\\ud800\"}]",
                        ErrorCode.INVALID_UTF8,
                        "messages[0].content"),
                field(
                        "messages",
                        "[{\"role\":\"user\",\"content\":\"a\\u0000b\"}]",
                        ErrorCode.INVALID_UTF8,
                        "messages[0].content"),
                field("messages", "[" + "{\"role\":\"user\",\"content\":\"a\"},".repeat(4096) + "{}]", "messages"),
                unsupported("messages", part("image_url"), "messages[0].content[0].type"),
                unsupported("messages", part("input_audio"), "messages[0].content[0].type"),
                unsupported("messages", part("file"), "messages[0].content[0].type"),
                unsupported(
                        "messages",
                        "[{\"role\":\"assistant\",\"tool_calls\":[{\"id\":\"a\"}]}]",
                        "messages[0].tool_calls"),
                unsupported("messages", "[{\"role\":\"assistant\",\"function_call\":{}}]", "messages[0].function_call"),
                unsupported("n", "2", "n"),
                unsupported("n", "1000000", "n"),
                field("n", "0", "n"),
                field("n", "-1", "n"),
                unsupported("tools", "[{\"type\":\"function\"}]", "tools"),
                field("tools", "{}", "tools"),
                unsupported("tool_choice", "\"required\"", "tool_choice"),
                unsupported("tool_choice", "{\"type\":\"function\"}", "tool_choice"),
                unsupported("functions", "[{}]", "functions"),
                unsupported("function_call", "{\"name\":\"f\"}", "function_call"),
                unsupported("response_format", "{\"type\":\"json_object\"}", "response_format"),
                unsupported("response_format", "{\"type\":\"json_schema\",\"json_schema\":{}}", "response_format"),
                unsupported("response_format", "{}", "response_format"),
                field("response_format", "\"text\"", "response_format"),
                unsupported("modalities", "[\"text\",\"audio\"]", "modalities"),
                unsupported("audio", "{}", "audio"),
                unsupported("prediction", "{}", "prediction"),
                unsupported("web_search_options", "{}", "web_search_options"),
                unsupported("store", "true", "store"),
                unsupported("grammar", "\"root ::= \\\"a\\\"\"", "grammar"),
                unsupported("json_schema", "{}", "json_schema"),
                unsupported("guided_json", "{}", "guided_json"),
                unsupported("guided_regex", "\"a*\"", "guided_regex"));
    }

    @ParameterizedTest(name = "{0}: {1}")
    @MethodSource("refusedFields")
    void isRefusedAndBlamedOnTheField(String name, String value, ErrorCode code, String param, String more) {
        String field = "\"" + name + "\":" + value;
        String body = switch (name) {
            case "messages" -> "{\"model\":\"m\"," + field + "}";
            case "model" -> "{" + field + ",\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]}";
            default -> chat(field + more);
        };

        ApiError error = refused(body);

        assertThat(error.code()).isEqualTo(code);
        assertThat(error.param()).isEqualTo(param);
        assertThat(error.message()).doesNotContain("king", "hot", "required\"", "a*");
    }

    @Test
    void modelAndMessagesAreNeeded() {
        assertThat(refused("{\"messages\":[{\"role\":\"user\",\"content\":\"a\"}]}")
                        .param())
                .isEqualTo("model");
        assertThat(refused("{\"model\":\"m\"}").param()).isEqualTo("messages");
        assertThat(refused("{}").code()).isEqualTo(ErrorCode.INVALID_REQUEST);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\"prompt\":\"\"",
                "\"prompt\":[]",
                "\"prompt\":[\"\"]",
                "\"prompt\":7",
                "\"prompt\":{}",
                "\"prompt\":[-1]",
                "\"prompt\":[1.5]",
                "\"prompt\":[1,\"a\"]",
                "\"prompt\":[true]",
                "\"prompt\":[2147483648]",
                "\"x\":1"
            })
    void completionNeedsAPrompt(String field) {
        assertThat(refusedCompletion(field).param()).isEqualTo("prompt");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\"prompt\":[\"a\",\"b\"]",
                "\"prompt\":[[1],[2]]",
                "\"prompt\":\"a\",\"suffix\":\"b\"",
                "\"prompt\":\"a\",\"echo\":true",
                "\"prompt\":\"a\",\"best_of\":2",
                "\"prompt\":\"a\",\"n\":2"
            })
    void whatACompletionCannotDoIsRefused(String fields) {
        assertThat(refusedCompletion(fields).code()).isEqualTo(ErrorCode.UNSUPPORTED_VALUE);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                "null",
                "7",
                "true",
                "\"text\"",
                "[]",
                "[{}]",
                "{",
                "}",
                "{\"a\"}",
                "{\"a\":}",
                "{\"a\":1,}",
                "{a:1}",
                "{'a':1}",
                "{\"a\":1,\"a\":2}",
                "{\"x\":{\"a\":1,\"a\":2}}",
                "{\"model\":\"a\",\"model\":\"b\"}",
                "{\"a\":01}",
                "{\"a\":+1}",
                "{\"a\":.5}",
                "{\"a\":NaN}",
                "{\"a\":Infinity}",
                "{\"a\":0x10}",
                "{\"a\":tru}",
                "{\"a\":\"\t\"}",
                "{\"a\":\"\n\"}",
                "{\"a\":\"\\x\"}",
                "{\"a\":\"\\u12\"}",
                "/* c */{}",
                "{\"a\":1 // c\n}"
            })
    void whatIsNotOneJsonObjectIsInvalidJson(String body) {
        assertThat(refused(body).code()).isEqualTo(ErrorCode.INVALID_JSON);
    }

    @ParameterizedTest
    @ValueSource(strings = {"}", " {}", "x", ",", "0", "[]", "\u0000"})
    void nothingMayFollowTheObject(String junk) {
        assertThat(refused(chat("\"a\":1") + junk).code()).isIn(ErrorCode.INVALID_JSON, ErrorCode.INVALID_UTF8);
    }

    @Test
    void limitsOfParsingHold() {
        assertThat(refused("[".repeat(100_000)).code()).isEqualTo(ErrorCode.INVALID_JSON);
        assertThat(refused("{\"a\":" + "[".repeat(100_000)).code()).isEqualTo(ErrorCode.INVALID_JSON);
        assertThat(refused("{\"a\":" + "{\"a\":".repeat(100_000)).code()).isEqualTo(ErrorCode.INVALID_JSON);
        assertThat(refused(chat("\"x\":" + "[".repeat(64) + "]".repeat(64))).code())
                .isEqualTo(ErrorCode.INVALID_JSON);
        assertThat(accepted(chat("\"x\":" + "[".repeat(63) + "]".repeat(63)))).isNotNull();
        assertThat(refused(chat("\"x\":" + "1".repeat(101))).code()).isEqualTo(ErrorCode.INVALID_JSON);
        assertThat(refused(chat("\"x\":1." + "1".repeat(101))).code()).isEqualTo(ErrorCode.INVALID_JSON);
        assertThat(accepted(chat("\"x\":" + "1".repeat(100)))).isNotNull();
        assertThat(refused(chat("\"" + "n".repeat(1025) + "\":1")).code()).isEqualTo(ErrorCode.INVALID_JSON);
    }

    static Stream<byte[]> notUtf8() {
        byte[] plain = chat("\"a\":1").getBytes(StandardCharsets.UTF_8);
        return Stream.of(
                chat("\"a\":1").getBytes(StandardCharsets.UTF_16),
                chat("\"a\":1").getBytes(StandardCharsets.UTF_16LE),
                chat("\"a\":1").getBytes(StandardCharsets.UTF_16BE),
                concat(new byte[] {(byte) 0xef, (byte) 0xbb, (byte) 0xbf}, plain),
                concat(new byte[] {0}, plain),
                concat(plain, new byte[] {0}),
                inString(0xff),
                inString(0x80),
                inString(0xc0, 0x80),
                inString(0xc1, 0xbf),
                inString(0xc3),
                inString(0xe0, 0x80, 0x80),
                inString(0xe2, 0x82),
                inString(0xed, 0xa0, 0x80),
                inString(0xed, 0xbf, 0xbf),
                inString(0xf0, 0x80, 0x80, 0x80),
                inString(0xf4, 0x90, 0x80, 0x80),
                inString(0xf5, 0x80, 0x80, 0x80),
                inString(0xf0, 0x9f, 0x98));
    }

    @ParameterizedTest
    @MethodSource("notUtf8")
    void whatIsNotUtf8IsSaidToBeThat(byte[] body) {
        assertThat(RequestReader.chat(body))
                .isInstanceOfSatisfying(
                        Parsed.Refused.class,
                        refused -> assertThat(refused.error().code()).isEqualTo(ErrorCode.INVALID_UTF8));
    }

    private static byte[] inString(int... bytes) {
        String[] halves = chat("\"a\":\"|\"").split("\\|", -1);
        byte[] middle = new byte[bytes.length];
        for (int i = 0; i < bytes.length; i++) {
            middle[i] = (byte) bytes[i];
        }
        return concat(
                concat(halves[0].getBytes(StandardCharsets.US_ASCII), middle),
                halves[1].getBytes(StandardCharsets.US_ASCII));
    }

    private static byte[] concat(byte[] a, byte[] b) {
        byte[] both = new byte[a.length + b.length];
        System.arraycopy(a, 0, both, 0, a.length);
        System.arraycopy(b, 0, both, a.length, b.length);
        return both;
    }

    private static String part(String type) {
        return "[{\"role\":\"user\",\"content\":[{\"type\":\"" + type + "\",\"" + type
                + "\":{\"url\":\"http://evil\"}}]}]";
    }

    private static String biases(int count) {
        var out = new StringBuilder("{");
        for (int i = 0; i < count; i++) {
            out.append(i == 0 ? "" : ",").append('"').append(i).append("\":1");
        }
        return out.append('}').toString();
    }

    private static String chat(String more) {
        return "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]," + more + "}";
    }

    private static ChatRequest accepted(String body) {
        return switch (RequestReader.chat(body.getBytes(StandardCharsets.UTF_8))) {
            case Parsed.Ok<ChatRequest>(ChatRequest request) -> request;
            case Parsed.Refused<ChatRequest>(ApiError error) -> throw new AssertionError(error.toString());
        };
    }

    private static ApiError refused(String body) {
        return switch (RequestReader.chat(body.getBytes(StandardCharsets.UTF_8))) {
            case Parsed.Ok<ChatRequest> ok -> throw new AssertionError("accepted: " + ok);
            case Parsed.Refused<ChatRequest>(ApiError error) -> error;
        };
    }

    private static CompletionRequest completion(String fields) {
        return switch (RequestReader.completion(
                ("{\"model\":\"m\"," + fields + "}").getBytes(StandardCharsets.UTF_8))) {
            case Parsed.Ok<CompletionRequest>(CompletionRequest request) -> request;
            case Parsed.Refused<CompletionRequest>(ApiError error) -> throw new AssertionError(error.toString());
        };
    }

    private static ApiError refusedCompletion(String fields) {
        return switch (RequestReader.completion(
                ("{\"model\":\"m\"," + fields + "}").getBytes(StandardCharsets.UTF_8))) {
            case Parsed.Ok<CompletionRequest> ok -> throw new AssertionError("accepted: " + ok);
            case Parsed.Refused<CompletionRequest>(ApiError error) -> error;
        };
    }

    private static Arguments field(String name, String value, String param) {
        return Arguments.of(name, value, ErrorCode.INVALID_REQUEST, param, "");
    }

    private static Arguments field(String name, String value, String param, String more) {
        return Arguments.of(name, value, ErrorCode.INVALID_REQUEST, param, "," + more);
    }

    private static Arguments field(String name, String value, ErrorCode code, String param) {
        return Arguments.of(name, value, code, param, "");
    }

    private static Arguments unsupported(String name, String value, String param) {
        return Arguments.of(name, value, ErrorCode.UNSUPPORTED_VALUE, param, "");
    }
}
