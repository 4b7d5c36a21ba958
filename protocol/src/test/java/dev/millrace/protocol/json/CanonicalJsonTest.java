package dev.millrace.protocol.json;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.protocol.json.CanonicalJson.Form;
import dev.millrace.protocol.json.CanonicalJson.Reason;
import dev.millrace.protocol.json.CanonicalJson.Refused;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CanonicalJsonTest {
    private static final String CHAT = """
            {"model":"m", "messages":[{"role":"user","content":"Hi \\u00e9\\ud83d\\ude00\\n"}], "temperature":0.0,
             "seed": 12345678901234567890, "logit_bias":{"10":-100,"9":1.50}, "unknown":[true,null,{}]}""";

    @Test
    void membersAreSortedAndEverythingHasOneForm() {
        assertThat(form(CHAT))
                .isEqualTo("{\"logit_bias\":{\"10\":-1e2,\"9\":15e-1},"
                        + "\"messages\":[{\"content\":\"Hi é😀\\n\",\"role\":\"user\"}],\"model\":\"m\","
                        + "\"seed\":1234567890123456789e1,\"temperature\":0,\"unknown\":[true,null,{}]}");
    }

    /// The example of RFC 8785, 3.2.3: code units, not code points, decide.
    @Test
    void namesAreSortedByUtf16CodeUnit() {
        String[] sorted = {"\\r", "1", "\u0080", "ö", "€", "😀", "\ufb33"};
        String body = "{\"€\":0,\"\\r\":0,\"\ufb33\":0,\"1\":0,\"😀\":0,\"\u0080\":0,\"ö\":0}";

        assertThat(form(body)).isEqualTo("{\"" + String.join("\":0,\"", sorted) + "\":0}");
    }

    @ParameterizedTest
    @CsvSource({
        "1, 1",
        "1.0, 1",
        "1e0, 1",
        "10e-1, 1",
        "0.1E+1, 1",
        "0, 0",
        "-0, 0",
        "-0.0e5, 0",
        "0e999999999, 0",
        "-1, -1",
        "0.7, 7e-1",
        "1200, 12e2",
        "1.2e3, 12e2",
        "0.00000000000000000000012, 12e-23",
        "2e007, 2e7",
        "9007199254740993, 9007199254740993",
        "0.1000000000000000055511151231257827, 1000000000000000055511151231257827e-34",
        "1e400, 1e400",
        "123456789012345678901234567891, 123456789012345678901234567891"
    })
    void numbersKeepEveryDigitAndHaveOneForm(String written, String one) {
        assertThat(form("{\"n\":" + written + "}")).isEqualTo("{\"n\":" + one + "}");
    }

    @Test
    void oneObjectHasOneFormHoweverItIsWritten() {
        for (long seed = 1; seed <= 500; seed++) {
            var tree = new JsonTree(seed);
            Map<String, Object> object = tree.object(4);
            String a = tree.write(object);
            String b = tree.write(object);

            assertThat(form(a)).as("seed %s: %s and %s", seed, a, b).isEqualTo(form(b));
            assertThat(form(form(a))).as("seed %s: form of the form", seed).isEqualTo(form(a));
        }
    }

    @Test
    void anyOneChangeChangesTheForm() {
        for (long seed = 1; seed <= 1_000; seed++) {
            var tree = new JsonTree(seed);
            Map<String, Object> object = tree.object(4);
            Map<String, Object> other = tree.change(object);

            assertThat(form(tree.write(other)))
                    .as("seed %s: %s and %s", seed, object, other)
                    .isNotEqualTo(form(tree.write(object)));
        }
    }

    @Test
    void whatIsCutAnywhereIsRefused() {
        byte[] bytes = CHAT.getBytes(UTF_8);
        for (int length = 0; length < bytes.length; length++) {
            assertThat(CanonicalJson.of(java.util.Arrays.copyOf(bytes, length)))
                    .as("first %s bytes", length)
                    .isInstanceOf(Refused.class);
        }
    }

    @Test
    void noBytesAtAllMakeItThrow() {
        var random = new Random(7);
        byte[] chat = CHAT.getBytes(UTF_8);
        for (int round = 0; round < 2_000; round++) {
            byte[] bytes = chat.clone();
            for (int hits = 1 + random.nextInt(3); hits > 0; hits--) {
                bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
            }
            if (CanonicalJson.of(bytes) instanceof Form form) {
                assertThat(CanonicalJson.of(form.bytes()))
                        .as("round %s of seed 7", round)
                        .isInstanceOfSatisfying(
                                Form.class, again -> assertThat(again.bytes()).isEqualTo(form.bytes()));
            }
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '\0',
            value = {
                "{\"a\":1,\"a\":1} | DUPLICATE_NAME",
                "{\"b\":0,\"a\":1,\"b\":{}} | DUPLICATE_NAME",
                "{\"x\":[{\"a\":1,\"\\u0061\":2}]} | DUPLICATE_NAME",
                "{\"a\":\"\\ud800\"} | NOT_TEXT",
                "{\"a\":\"\\ude00\\ud83d\"} | NOT_TEXT",
                "{\"\\udfff\":1} | MALFORMED",
                "{\"a\":1}x | MALFORMED",
                "{\"a\":1}{} | MALFORMED",
                "{\"a\":01} | MALFORMED",
                "{\"a\":NaN} | MALFORMED",
                "{\"a\":+1} | MALFORMED",
                "{\"a\":1,} | MALFORMED",
                "{'a':1} | MALFORMED",
                "{\"a\":1/*c*/} | MALFORMED",
                "[] | NOT_AN_OBJECT",
                "3 | NOT_AN_OBJECT",
                "{\"a\":1e999999999} | OVER_LIMIT",
                "{\"a\":-1e-10000} | OVER_LIMIT",
                "{\"a\":1e99999999999999999999999999999999999999} | OVER_LIMIT",
            })
    void badInputIsRefusedWithItsReason(String body, Reason reason) {
        assertThat(CanonicalJson.of(body.getBytes(UTF_8))).isEqualTo(new Refused(reason));
    }

    @Test
    void whatIsNotUtf8TextIsRefused() {
        assertThat(CanonicalJson.of("{\"a\":\"é\"}".getBytes(ISO_8859_1))).isEqualTo(new Refused(Reason.NOT_TEXT));
        assertThat(CanonicalJson.of("\ufeff{}".getBytes(UTF_8))).isEqualTo(new Refused(Reason.NOT_TEXT));
        assertThat(CanonicalJson.of("{}".getBytes(java.nio.charset.StandardCharsets.UTF_16LE)))
                .isEqualTo(new Refused(Reason.NOT_TEXT));
        assertThat(CanonicalJson.of(new byte[0])).isEqualTo(new Refused(Reason.MALFORMED));
    }

    @ParameterizedTest
    @ValueSource(strings = {"{\"a\":", "["})
    void deepNestingIsRefusedAtItsLimit(String opening) {
        String deep = "{\"x\":" + opening.repeat(100_000);

        assertThat(CanonicalJson.of(deep.getBytes(UTF_8))).isEqualTo(new Refused(Reason.OVER_LIMIT));
    }

    @Test
    void theDeepestAllowedObjectHasAForm() {
        int inner = StrictJson.MAX_DEPTH - 1;
        String fits = "{\"a\":".repeat(inner) + "{}" + "}".repeat(inner);

        assertThat(form(fits)).isEqualTo(fits);
        assertThat(CanonicalJson.of(("{\"a\":" + fits + "}").getBytes(UTF_8)))
                .isEqualTo(new Refused(Reason.OVER_LIMIT));
    }

    /// How long a number may be is decided by its value, so no writing of it has a form that another lacks.
    @Test
    void longNumbersHaveAFormUpToTheLimitOfNumbers() {
        String digits = "1".repeat(StrictJson.MAX_NUMBER_LENGTH);

        assertThat(form("{\"a\":-" + digits + "}")).isEqualTo("{\"a\":-" + digits + "}");
        assertThat(refusal("{\"a\":1" + digits + "}")).isEqualTo(Reason.OVER_LIMIT);
        assertThat(refusal("{\"a\":0." + digits.substring(1) + "}")).isEqualTo(Reason.OVER_LIMIT);
    }

    @Test
    void namesOfAnyLengthAreReadOrRefused() {
        for (int length = 1_020; length < 1_030; length++) {
            for (String unit : new String[] {"x", "é", "\\u0041", "\\ud83d\\ude00"}) {
                assertThat(CanonicalJson.of(("{\"" + unit.repeat(length) + "\":1}").getBytes(UTF_8)))
                        .isNotNull();
            }
        }
    }

    @Test
    void manyMembersInTheWorstOrderAreSorted() {
        var body = new StringBuilder("{\"z\":0");
        for (int i = 9_999; i >= 1_000; i--) {
            body.append(",\"").append(i).append("\":").append(i);
        }

        String form = form(body.append('}').toString());

        assertThat(form).startsWith("{\"1000\":1e3,\"1001\":1001,").endsWith(",\"9999\":9999,\"z\":0}");
    }

    private static String form(String json) {
        return switch (CanonicalJson.of(json.getBytes(UTF_8))) {
            case Form form -> new String(form.bytes(), UTF_8);
            case Refused refused -> throw new AssertionError(refused + ": " + json);
        };
    }

    private static Reason refusal(String json) {
        return ((Refused) CanonicalJson.of(json.getBytes(UTF_8))).reason();
    }
}
