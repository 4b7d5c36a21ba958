package dev.millrace.gguf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assertions.assertTimeout;

import dev.millrace.testing.gguf.GgufMutations;
import dev.millrace.testing.gguf.RawGguf;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(value = 60, unit = TimeUnit.SECONDS)
class GgufMutationIT {
    /// From this seed on; another with `-Dmillrace.gguf.seed`.
    private static final long SEED = Long.getLong("millrace.gguf.seed", 20_261_123);

    private static final int COUNT = Integer.getInteger("millrace.gguf.mutations", 100_000);

    @TempDir
    private Path directory;

    @Test
    void noDamagedFileIsAcceptedInSixtyFourMegabytes() throws Exception {
        Path report = directory.resolve("report.txt");
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx64m",
                        "-cp",
                        System.getProperty("java.class.path"),
                        MutationRun.class.getName(),
                        Headers.DEMO.toAbsolutePath().toString(),
                        String.valueOf(COUNT),
                        String.valueOf(SEED))
                .redirectErrorStream(true)
                .redirectOutput(report.toFile())
                .start();

        boolean ended = process.waitFor(50, TimeUnit.SECONDS);
        process.destroyForcibly();

        String said = Files.readString(report, StandardCharsets.UTF_8);
        assertThat(ended).as(said).isTrue();
        assertThat(process.exitValue()).as("seed %s: %s", SEED, said).isZero();
        assertThat(said).endsWith("wrong: 0" + System.lineSeparator());
    }

    @Test
    void headerCutAtAnyByteIsRefused() throws IOException {
        GgufMutations whole = MutationRun.mutations(Headers.DEMO);
        byte[] header = whole.of(GgufMutations.Kind.TRUNCATION, 0).header();

        for (int length = 0; length <= header.length; length++) {
            int size = length;
            assertThatThrownBy(() -> Headers.read(header, size))
                    .as("%s bytes", length)
                    .isInstanceOf(InvalidGgufException.class)
                    .hasMessageMatching("GGUF file cut short: .*|not a GGUF file: .*");
        }
    }

    @Test
    void demoModelItselfIsSound() throws IOException {
        GgufFile demo = GgufReader.read(Headers.DEMO);

        assertThat(demo.summary().parameters()).isEqualTo(3_344_064);
        assertThat(demo.summary().quantisation()).isEqualTo("Q8_0");
        assertThat(demo.summary().vocabularyTokens()).isEqualTo(4096);
        byte[] all = Files.readAllBytes(Headers.DEMO);
        assertThat(SecondParser.faults(Arrays.copyOf(all, 100_000), all.length)).isEmpty();
    }

    @Test
    void greatVocabularyIsReadInUnderASecond() throws IOException {
        byte[] token = RawGguf.text("a token of 20 bytes.");
        int tokens = 262_144;
        int merges = 514_906;
        RawGguf raw = RawGguf.sound()
                .without("tokenizer.ggml.scores")
                .without("tokenizer.ggml.token_type")
                .entry("tokenizer.ggml.tokens", RawGguf.LIST, numbered(token, tokens))
                .entry("tokenizer.ggml.merges", RawGguf.LIST, repeated(token, merges));
        byte[] header = raw.header();

        assertTimeout(Duration.ofSeconds(1), () -> {
            assertThat(Headers.read(header, raw.size()).summary().vocabularyTokens())
                    .isEqualTo(tokens);
        });
    }

    /// The last letters of each are its number.
    private static byte[] numbered(byte[] text, int count) {
        byte[] list = repeated(text, count);
        for (int i = 1; i <= count; i++) {
            for (int digit = 0; digit < 5; digit++) {
                list[12 + i * text.length - 1 - digit] = (byte) ('a' + ((i >> (4 * digit)) & 15));
            }
        }
        return list;
    }

    private static byte[] repeated(byte[] text, int count) {
        ByteBuffer list = ByteBuffer.allocate(12 + count * text.length)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putInt(RawGguf.TEXT)
                .putLong(count);
        for (int i = 0; i < count; i++) {
            list.put(text);
        }
        return list.array();
    }
}
