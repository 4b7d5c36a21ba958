package dev.millrace.gguf;

import static dev.millrace.testing.gguf.RawGguf.BOOL;
import static dev.millrace.testing.gguf.RawGguf.F32;
import static dev.millrace.testing.gguf.RawGguf.I32;
import static dev.millrace.testing.gguf.RawGguf.LIST;
import static dev.millrace.testing.gguf.RawGguf.TEXT;
import static dev.millrace.testing.gguf.RawGguf.U32;
import static dev.millrace.testing.gguf.RawGguf.ints;
import static dev.millrace.testing.gguf.RawGguf.join;
import static dev.millrace.testing.gguf.RawGguf.longs;
import static dev.millrace.testing.gguf.RawGguf.text;
import static dev.millrace.testing.gguf.RawGguf.texts;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.testing.gguf.RawGguf;
import dev.millrace.testing.gguf.RawGguf.Tensor;
import java.io.IOException;
import org.junit.jupiter.api.Test;

class GgufReaderTest {
    private final RawGguf raw = RawGguf.sound();

    private static void assertDamaged(RawGguf raw, String what) {
        assertRefused(raw, "damaged GGUF file: " + what + ", in " + Headers.FILE);
    }

    private static void assertRefused(RawGguf raw, String message) {
        assertThatThrownBy(() -> Headers.read(raw))
                .isExactlyInstanceOf(InvalidGgufException.class)
                .hasMessage(message);
    }

    private static Tensor second(String name, int type, long offset, long... shape) {
        return new Tensor(name.getBytes(UTF_8), shape.length, shape, type, offset);
    }

    @Test
    void soundFileIsSummedUp() throws IOException {
        raw.entry("general.name", TEXT, text("Small"))
                .entry("general.license", TEXT, text("mit"))
                .entry("general.file_type", U32, ints(15))
                .entry("tokenizer.chat_template", TEXT, text("{{ x }}"));

        GgufFile file = Headers.read(raw);

        assertThat(file.summary())
                .isEqualTo(new GgufSummary("llama", "Small", 256, "Q4_K_M", 64, 4, "{{ x }}", "mit", 0, 1, raw.size()));
        assertThat(file.weights()).isEqualTo(new GgufWeights(2, 256, 136 + 512, "F32", 1, true));
    }

    @Test
    void quantisationIsThatOfMostWeightsIfTheFileDoesNotSay() throws IOException {
        raw.second(second("blk.0.attn_q.weight", 0, 160, 2)).dataBytes(168);

        assertThat(Headers.read(raw).summary().quantisation()).isEqualTo("Q8_0");
        assertThat(Headers.read(raw.entry("general.file_type", U32, ints(999)))
                        .summary()
                        .quantisation())
                .isEqualTo("Q8_0");
    }

    @Test
    void beginningOfAnotherFormatIsNamed() {
        assertRefused(
                raw.magic("PK\u0003\u0004"),
                "not a GGUF file: model.gguf begins with 'PK?????"
                        + "?' (expected: GGUF); only models in the GGUF format can be served");
        assertRefused(RawGguf.sound().version(1), "GGUF version: 1 (expected: 2..3) in model.gguf");
        assertRefused(
                RawGguf.sound().version(3 << 24),
                "big-endian GGUF file: model.gguf was made for another kind of machine");
    }

    @Test
    void versionTwoIsRead() throws IOException {
        assertThat(Headers.read(raw.version(2)).summary().architecture()).isEqualTo("llama");
    }

    @Test
    void absurdCountsAreRefused() {
        assertDamaged(raw.miscount(-14, 0), "number of entries: 18446744073709551615 (expected: 0..65536)");
        assertDamaged(
                RawGguf.sound().miscount(0, 1L << 60), "number of tensors: 1152921504606846978 (expected: 0..131072)");
        RawGguf many = RawGguf.sound().miscount(0, 100_000);
        assertRefused(
                many,
                "GGUF file cut short: model.gguf has " + many.size()
                        + " bytes, and number of tensors 100002 does not fit" + " into the " + (many.size() - 16)
                        + " bytes that follow; download it again");
    }

    @Test
    void fewerTensorsThanThereAreLeaveBytesBehind() {
        assertThatThrownBy(() -> Headers.read(raw.miscount(0, -1)))
                .hasMessageContaining("bytes behind the last tensor");
    }

    @Test
    void keysAreNamesAndThereOnce() {
        assertDamaged(
                raw.entryAgain("llama.block_count".getBytes(UTF_8), U32, ints(1)),
                "entry 'llama.block_count' is there twice");
        assertDamaged(RawGguf.sound().entryAgain(new byte[0], U32, ints(1)), "name of entry 13 is empty");
        assertDamaged(RawGguf.sound().entryAgain(new byte[] {-1}, U32, ints(1)), "name of entry 13 is not UTF-8");
        assertDamaged(RawGguf.sound().entry("a\nb", U32, ints(1)), "name of entry 13 has control characters: 'a?b'");
        assertDamaged(
                RawGguf.sound().entryAgain(new byte[65_536], U32, ints(1)),
                "length of name of entry 13: 65536 (expected: 0..65535)");
    }

    @Test
    void valuesHaveKnownTypesAndPossibleLengths() {
        assertDamaged(raw.entry("k", 13, ints(1)), "type of 'k': 13 (expected: 0..12)");
        assertDamaged(RawGguf.sound().entry("k", BOOL, new byte[] {2}), "'k': 2 (expected: 0 or 1, it is a flag)");
        assertDamaged(RawGguf.sound().entry("k", LIST, join(ints(LIST), longs(0))), "'k' is a list of lists");
        assertDamaged(
                RawGguf.sound().entry("k", LIST, join(ints(99), longs(0))),
                "type of the elements of 'k': 99 (expected: 0..12)");
        assertDamaged(
                RawGguf.sound().entry("k", LIST, join(ints(F32), longs(1L << 62))),
                "length of 'k': 4611686018427387904 (expected: 0..134217728)");
        assertDamaged(
                RawGguf.sound().entry("k", LIST, join(ints(TEXT), longs(1), longs(-1))),
                "length of element 0 of 'k': 18446744073709551615 (expected: 0..134217728)");
        assertDamaged(
                RawGguf.sound().entry("k", TEXT, longs(-1)),
                "length of 'k': 18446744073709551615 (expected: 0..134217728)");
        assertDamaged(RawGguf.sound().entry("k", TEXT, RawGguf.bytes(new byte[] {-2})), "'k' is not UTF-8");
    }

    @Test
    void alignmentIsAPowerOfTwo() throws IOException {
        assertDamaged(
                raw.entry("general.alignment", U32, ints(48)),
                "general.alignment: 48 (expected: a power of two, 8..1048576)");
        assertDamaged(
                RawGguf.sound().entry("general.alignment", U32, ints(0)),
                "general.alignment: 0 (expected: a power of two, 8..1048576)");
        for (int unfit : new int[] {4, 1 << 21}) {
            assertDamaged(
                    RawGguf.sound().entry("general.alignment", U32, ints(unfit)),
                    "general.alignment: " + unfit + " (expected: a power of two, 8..1048576)");
        }
        assertDamaged(
                RawGguf.sound().entry("general.alignment", TEXT, text("32")), "general.alignment is no 32-bit number");
        RawGguf wide = RawGguf.sound().entry("general.alignment", U32, ints(64)).alignment(64);
        wide.second(second("blk.0.attn_q.weight", 0, 192, 32, 4)).dataBytes(192 + 512);
        assertThat(Headers.read(wide).weights().tensors()).isEqualTo(2);
    }

    @Test
    void tensorsHaveNamesThatFit() {
        assertDamaged(raw.second(second("", 0, 160, 32, 4)), "name of tensor 1 is empty");
        assertDamaged(
                RawGguf.sound().second(second("token_embd.weight", 0, 160, 32, 4)),
                "tensor 'token_embd.weight' is there twice");
        assertDamaged(
                RawGguf.sound().second(second("x".repeat(64), 0, 160, 32, 4)),
                "length of name of tensor 1: 64 (expected: 0..63)");
    }

    @Test
    void shapesCannotOverflow() {
        assertDamaged(
                raw.second(new Tensor("x".getBytes(UTF_8), 5, new long[5], 0, 160)),
                "dimensions of tensor 'x': 5 (expected: 0..4)");
        assertDamaged(
                RawGguf.sound().second(second("x", 0, 160, 1L << 32, 1L << 31)),
                "dimension 1 of tensor 'x': 2147483648 (expected: 1..2147483647)");
        assertDamaged(
                RawGguf.sound().second(second("x", 0, 160, 0)),
                "dimension 0 of tensor 'x': 0 (expected: 1..9223372036854775807)");
        assertDamaged(
                RawGguf.sound().second(second("x", 0, 160, 1L << 62)),
                "size of tensor 'x': 4611686018427387904 numbers");
        assertDamaged(
                RawGguf.sound().second(second("x", 12, 160, 32, 8)),
                "row of tensor 'x': 32 numbers (expected: a multiple of 256, for Q4_K)");
    }

    @Test
    void zerosMayPadTheEndUpToALimit() throws IOException {
        byte[] header = raw.header();
        long size = raw.size();

        assertThat(Headers.read(header, size + 100, 100).weights().tensors()).isEqualTo(2);
        assertThat(Headers.read(header, size + (1 << 20), 1 << 20).weights().tensors())
                .isEqualTo(2);
        assertThatThrownBy(() -> Headers.read(header, size + (1 << 20) + 1, (1 << 20) + 1))
                .hasMessageContaining("1048577 bytes behind the last tensor");
        assertThatThrownBy(() -> Headers.read(header, size + 9_000, 8_999))
                .hasMessageContaining("9000 bytes behind the last tensor");
    }

    @Test
    void removedAndUnknownTypesAreRefused() {
        for (int type : new int[] {4, 5, 31, 33, 36, 38, 43}) {
            assertDamaged(
                    RawGguf.sound().second(second("x", type, 160, 32, 4)),
                    "type of tensor 'x': " + type + " (expected: one that llama.cpp 0.5.0 knows)");
        }
    }

    @Test
    void tensorsLieOneBehindTheOther() {
        assertDamaged(raw.second(second("x", 0, 128, 32, 4)), "offset of tensor 'x': 128 (expected: 160)");
        assertDamaged(
                RawGguf.sound().second(second("x", 0, -32, 32, 4)),
                "offset of tensor 'x': 18446744073709551584 (expected: 160)");
        assertDamaged(
                RawGguf.sound().dataBytes(672 + 32),
                "32 bytes behind the last tensor (expected: none, or at most 1048576 zeros)");
        RawGguf cut = RawGguf.sound().dataBytes(671);
        assertRefused(
                cut,
                "GGUF file cut short: model.gguf has " + cut.size() + " bytes, and its tensors need " + (cut.size() + 1)
                        + "; download it again");
    }

    @Test
    void vocabularyListsAreEquallyLong() {
        assertDamaged(
                raw.entry("tokenizer.ggml.scores", LIST, join(ints(F32), longs(1), ints(0))),
                "tokenizer.ggml.scores: 1 elements (expected: 4, as many as there are tokens)");
        assertDamaged(
                RawGguf.sound().entry("tokenizer.ggml.token_type", LIST, texts("a", "b", "c", "d")),
                "tokenizer.ggml.token_type is no list of I32");
        assertDamaged(
                RawGguf.sound().entry("tokenizer.ggml.eos_token_id", U32, ints(4)),
                "tokenizer.ggml.eos_token_id: 4 (expected: 0..3)");
        assertDamaged(
                RawGguf.sound().entry("tokenizer.ggml.tokens", TEXT, text("a")),
                "tokenizer.ggml.tokens is no list of texts");
    }

    @Test
    void tokensThatLlamaCppWouldTakeForOneAreRefused() {
        assertDamaged(
                raw.entry("tokenizer.ggml.tokens", LIST, texts("a", "b", "a", "d")),
                "'tokenizer.ggml.tokens': two of them are equal");
        assertDamaged(
                RawGguf.sound().entry("tokenizer.ggml.tokens", LIST, texts("a", "b", "c", "b\0d")),
                "'tokenizer.ggml.tokens': two of them are equal");
        assertDamaged(
                RawGguf.sound()
                        .entry("tokenizer.ggml.tokens", LIST, join(ints(TEXT), longs((1 << 21) + 1), manyTexts())),
                "'tokenizer.ggml.tokens': 2097153 tokens (expected: 0..2097152)");
    }

    @Test
    void normsThatWouldEndTheFirstStepAreRefused() throws IOException {
        for (float epsilon : new float[] {-1e-6f, Float.NaN, Float.NEGATIVE_INFINITY}) {
            assertDamaged(
                    RawGguf.sound()
                            .entry(
                                    "llama.attention.layer_norm_rms_epsilon",
                                    F32,
                                    ints(Float.floatToRawIntBits(epsilon))),
                    "llama.attention.layer_norm_rms_epsilon: " + (double) epsilon + " (expected: 0 or more)");
        }
        raw.entry("llama.attention.layer_norm_rms_epsilon", F32, ints(Float.floatToRawIntBits(1e-6f)));
        assertThat(Headers.read(raw).weights().tensors()).isEqualTo(2);
    }

    @Test
    void manyTokensMayBeEmpty() throws IOException {
        raw.entry("tokenizer.ggml.tokens", LIST, texts("", "\0a", "\0b", ""));

        assertThat(Headers.read(raw).summary().vocabularyTokens()).isEqualTo(4);
    }

    private static byte[] manyTexts() {
        return new byte[Long.BYTES * ((1 << 21) + 1)];
    }

    @Test
    void lengthsThatWouldDivideByZeroAreRefused() {
        assertDamaged(raw.without("general.architecture"), "general.architecture is missing");
        assertDamaged(
                RawGguf.sound().entry("llama.block_count", U32, ints(0)), "llama.block_count: 0 (expected: 1..512)");
        assertDamaged(
                RawGguf.sound().entry("llama.context_length", U32, ints(0)),
                "llama.context_length: 0 (expected: 1..2147483647)");
        assertDamaged(
                RawGguf.sound().entry("llama.attention.head_count", U32, ints(0)),
                "llama.attention.head_count: 0 (expected: 1..65536)");
        assertDamaged(
                RawGguf.sound().entry("llama.attention.head_count", U32, ints(6)),
                "llama.embedding_length: 32 (expected: a multiple of the 6 heads)");
        assertDamaged(
                RawGguf.sound().entry("llama.attention.head_count_kv", U32, ints(3)),
                "llama.attention.head_count_kv: 3 (expected: a divisor of the 4 heads)");
        assertDamaged(
                RawGguf.sound().entry("llama.expert_used_count", U32, ints(2)),
                "llama.expert_used_count: 2 (expected: 0..0)");
    }

    @Test
    void whatRealFilesContainIsAccepted() throws IOException {
        raw.entry("tokenizer.ggml.padding_token_id", U32, ints(99))
                .entry("tokenizer.ggml.bos_token_id", I32, ints(-1))
                .entry("tokenizer.ggml.scores", LIST, join(ints(F32), longs(0)))
                .entry("llama.attention.head_count_kv", LIST, join(ints(I32), longs(2), ints(0, 2)));

        assertThat(Headers.read(raw).metadata().perLayer("llama.attention.head_count_kv"))
                .containsExactly(0, 2);
    }

    @Test
    void vocabularyWithoutWeightsIsReadButNotServed() throws IOException {
        GgufFile file = Headers.read(raw.noTensors());

        assertThat(file.weights().tensors()).isZero();
        assertThat(file.whyNotServed()).contains("it holds no weights");
    }

    @Test
    void everyTypeOfTensorIsAccepted() throws IOException {
        for (TensorType type : TensorType.values()) {
            long bytes = type.bytes(256);
            RawGguf one = RawGguf.sound().noTensors();
            one.tensor("x", code(type), 0, 256).dataBytes(bytes);

            assertThat(Headers.read(one).weights().bytes()).isEqualTo(bytes);
        }
    }

    private static int code(TensorType type) {
        for (int code = 0; code < 64; code++) {
            if (TensorType.of(code) == type) {
                return code;
            }
        }
        throw new AssertionError(type);
    }
}
