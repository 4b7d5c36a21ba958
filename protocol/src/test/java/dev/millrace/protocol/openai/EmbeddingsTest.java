package dev.millrace.protocol.openai;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.core.error.ErrorCode;
import dev.millrace.protocol.json.JsonBytes;
import dev.millrace.protocol.openai.CompletionRequest.PromptField;
import dev.millrace.protocol.openai.EmbeddingsRequest.Encoding;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Duration;
import java.util.Base64;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EmbeddingsTest {
    @Test
    void everyFieldIsReadAndTheRestIgnored() {
        assertThat(accepted("""
                {"model":"m","input":"one","encoding_format":"base64","dimensions":64,"user":"u","keep_alive":"10m",
                 "something":{"new":[1]}}
                """))
                .isEqualTo(new EmbeddingsRequest(
                        "m", List.of(new PromptField.Text("one")), Encoding.BASE64, 64, Duration.ofMinutes(10)));
        assertThat(accepted("""
                {"input":["a"],"model":"m","encoding_format":null,"dimensions":null,"user":null}
                """))
                .isEqualTo(new EmbeddingsRequest("m", List.of(new PromptField.Text("a")), Encoding.FLOAT, null, null));
    }

    @Test
    void allFourFormsOfTheInputAreRead() {
        assertThat(inputs("\"é\"")).containsExactly(new PromptField.Text("é"));
        assertThat(inputs("[\"a\",\"b\",\"a\"]"))
                .containsExactly(new PromptField.Text("a"), new PromptField.Text("b"), new PromptField.Text("a"));
        assertThat(inputs("[5,0,7]")).containsExactly(new PromptField.Tokens(List.of(5, 0, 7)));
        assertThat(inputs("[[5],[6,7]]"))
                .containsExactly(new PromptField.Tokens(List.of(5)), new PromptField.Tokens(List.of(6, 7)));
    }

    @ParameterizedTest
    @CsvSource(delimiter = ';', quoteCharacter = '\0', textBlock = """
            null; a string, an array of strings
            17; a string, an array of strings
            {}; a string, an array of strings
            []; a string, an array of strings
            [true]; a string, an array of strings
            [{}]; a string, an array of strings
            ""; input[0]: expected text that is not empty
            ["a",""]; input[1]: expected text that is not empty
            ["a",[1]]; input[1]: expected a string
            ["a",1]; input[1]: expected a string
            ["a",null]; input[1]: expected a string
            [[1],"a"]; input[1]: expected an array of token ids
            [[1],[]]; input[1]: expected an array that is not empty
            [[]]; input[0]: expected an array that is not empty
            [1,"a"]; input: expected a whole number
            [1,2.5]; input: expected a whole number
            [[-1]]; input: expected a whole number
            [[[1]]]; input: expected a whole number
            """)
    void inputsThatAreNoneAreRefused(String input, String message) {
        ApiError error = refused("{\"model\":\"m\",\"input\":" + input + "}");

        assertThat(error.code()).isEqualTo(ErrorCode.INVALID_REQUEST);
        assertThat(error.param()).isEqualTo("input");
        assertThat(error.message()).contains(message);
    }

    @ParameterizedTest
    @CsvSource(delimiter = ';', quoteCharacter = '\0', textBlock = """
            "input":"a"; model
            "model":"m"; input
            "model":7,"input":"a"; model
            "model":"m","input":"a","encoding_format":"int8"; encoding_format
            "model":"m","input":"a","encoding_format":1; encoding_format
            "model":"m","input":"a","dimensions":0; dimensions
            "model":"m","input":"a","dimensions":"64"; dimensions
            "model":"m","input":"a","keep_alive":"soon"; keep_alive
            """)
    void fieldsOutOfRangeAreRefusedByName(String fields, String param) {
        ApiError error = refused("{" + fields + "}");

        assertThat(error.code()).isEqualTo(ErrorCode.INVALID_REQUEST);
        assertThat(error.param()).isEqualTo(param);
    }

    @Test
    void asManyInputsAsTheLimitAndNotOneMore() {
        String most = String.join(",", Collections.nCopies(EmbeddingsRequest.MAX_INPUTS, "\"a\""));

        assertThat(inputs("[" + most + "]")).hasSize(EmbeddingsRequest.MAX_INPUTS);
        assertThat(refused("{\"model\":\"m\",\"input\":[" + most + ",\"a\"]}").message())
                .contains("at most 2048 inputs");
    }

    @Test
    void tokensOfAllInputsTogetherHaveALimit() {
        String half = "[" + String.join(",", Collections.nCopies(EmbeddingsRequest.MAX_TOKENS / 2, "1")) + "]";

        assertThat(inputs("[" + half + "," + half + "]")).hasSize(2);
        assertThat(refused("{\"model\":\"m\",\"input\":[" + half + "," + half + ",[1]]}")
                        .message())
                .contains("at most 1048576 token ids");
    }

    @Test
    void textThatIsNoneIsRefused() {
        assertThat(refused("{\"model\":\"m\",\"input\":\"\\ud800\"}").code()).isEqualTo(ErrorCode.INVALID_UTF8);
    }

    @Test
    void answerHasTheShapeThatClientsRead() {
        var out = new JsonBytes(16);
        EmbeddingsAnswer.opening(out);
        EmbeddingsAnswer.vector(out, 0, new float[] {0.5f, -0.25f}, Encoding.FLOAT);
        EmbeddingsAnswer.vector(out, 1, new float[] {1e-8f}, Encoding.FLOAT);
        EmbeddingsAnswer.closing(out, "mill\"race", 7);

        assertThat(new String(out.toByteArray(), UTF_8))
                .isEqualTo("{\"object\":\"list\",\"data\":["
                        + "{\"object\":\"embedding\",\"index\":0,\"embedding\":[0.5,-0.25]},"
                        + "{\"object\":\"embedding\",\"index\":1,\"embedding\":[1.0E-8]}],"
                        + "\"model\":\"mill\\\"race\",\"usage\":{\"prompt_tokens\":7,\"total_tokens\":7}}");
    }

    @Test
    void base64HoldsTheSameNumbersLeastSignificantByteFirst() {
        float[] values = {0.1f, -0.0f, Float.MIN_VALUE, 1};
        var out = new JsonBytes(16);

        EmbeddingsAnswer.vector(out, 0, values, Encoding.BASE64);

        String text = new String(out.toByteArray(), UTF_8);
        String coded = text.substring(text.lastIndexOf(':') + 2, text.length() - 2);
        ByteBuffer bytes = ByteBuffer.wrap(Base64.getDecoder().decode(coded)).order(ByteOrder.LITTLE_ENDIAN);
        float[] back = new float[values.length];
        bytes.asFloatBuffer().get(back);
        assertThat(back).containsExactly(values);
    }

    private static List<PromptField> inputs(String input) {
        return accepted("{\"model\":\"m\",\"input\":" + input + "}").inputs();
    }

    private static EmbeddingsRequest accepted(String body) {
        return switch (RequestReader.embeddings(body.getBytes(UTF_8))) {
            case Parsed.Ok<EmbeddingsRequest>(EmbeddingsRequest request) -> request;
            case Parsed.Refused<EmbeddingsRequest>(ApiError error) -> throw new AssertionError(error.message());
        };
    }

    private static ApiError refused(String body) {
        return switch (RequestReader.embeddings(body.getBytes(UTF_8))) {
            case Parsed.Ok<EmbeddingsRequest>(EmbeddingsRequest request) -> throw new AssertionError(request);
            case Parsed.Refused<EmbeddingsRequest>(ApiError error) -> error;
        };
    }
}
