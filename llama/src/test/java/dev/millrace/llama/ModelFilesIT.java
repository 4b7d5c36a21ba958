package dev.millrace.llama;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.testing.gguf.GgufWriter;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.assertj.core.api.AbstractThrowableAssert;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ModelFilesIT {
    private static final int TENSORS_AT = 8;
    private static final int ENTRIES_AT = 16;

    @TempDir
    private Path directory;

    private byte[] whole;

    @BeforeEach
    void writeModel() throws IOException {
        Path file = directory.resolve("whole.gguf");
        GgufWriter.Content zeros = (out, numbers) -> out.write(new byte[(int) numbers * 4]);
        new GgufWriter()
                .text("general.architecture", "llama")
                .number("general.alignment", 32)
                .texts("words", List.of("a", "bc"))
                .reals("scores", List.of(1f, 2f))
                .tensor("first", GgufWriter.Type.F32, zeros, 8, 4)
                .tensor("second", GgufWriter.Type.F32, zeros, 16)
                .write(file);
        whole = Files.readAllBytes(file);
    }

    private AbstractThrowableAssert<?, ? extends Throwable> assertRefused(byte[] content) throws IOException {
        Path file = Files.write(directory.resolve("model.gguf"), content);
        return assertThatThrownBy(() -> ModelFiles.check(file)).isInstanceOf(ModelLoadException.class);
    }

    @Test
    void wholeFileIsAccepted() {
        assertThatCode(() -> ModelFiles.check(directory.resolve("whole.gguf"))).doesNotThrowAnyException();
    }

    @Test
    void fileThatIsNoTextGeneratorIsRefusedWithTheReason() throws IOException {
        assertPurposeRefused("t5", "model").hasMessageContaining("encoder");
        assertPurposeRefused("clip", "mmproj").hasMessageContaining("serve the model itself");
        assertPurposeRefused("llama", "adapter").hasMessageContaining("LoRA");
        assertPurposeRefused("llama", "imatrix").hasMessageContaining("no weights");
    }

    private AbstractThrowableAssert<?, ? extends Throwable> assertPurposeRefused(String architecture, String type)
            throws IOException {
        Path file = directory.resolve("other.gguf");
        GgufWriter.Content zeros = (out, numbers) -> out.write(new byte[(int) numbers * 4]);
        new GgufWriter()
                .text("general.architecture", architecture)
                .text("general.type", type)
                .tensor("first", GgufWriter.Type.F32, zeros, 8, 4)
                .write(file);
        return assertThatThrownBy(() -> ModelFiles.check(file))
                .isInstanceOf(ModelLoadException.class)
                .hasMessageStartingWith(file + " cannot be served: ");
    }

    @Test
    void textFileIsCalledByItsName() throws IOException {
        Path notes = Files.writeString(directory.resolve("notes.txt"), "Dear diary");

        assertThatThrownBy(() -> ModelFiles.check(notes))
                .isInstanceOf(ModelLoadException.class)
                .hasMessageStartingWith("not a GGUF file: " + notes + " begins with 'Dear dia'");
    }

    @Test
    void emptyMissingAndUnreadableFilesAreToldApart() throws IOException {
        assertRefused(new byte[0]).hasMessageContaining("it is empty");
        assertThatThrownBy(() -> ModelFiles.check(directory.resolve("none.gguf")))
                .hasMessageStartingWith("no such file");
        assertThatThrownBy(() -> ModelFiles.check(directory)).hasMessageStartingWith("not a readable file");
    }

    @Test
    void fileCutAnywhereIsRefused() throws IOException {
        for (int length = 8; length < whole.length; length += 3) {
            assertRefused(Arrays.copyOf(whole, length)).hasMessageContaining("cut short");
        }
        assertRefused(Arrays.copyOf(whole, whole.length - 1)).hasMessageContaining("download it again");
    }

    @Test
    void otherVersionsAreNamed() throws IOException {
        assertRefused(with(4, 1)).hasMessageContaining("GGUF version: 1");
        assertRefused(with(4, 99)).hasMessageContaining("GGUF version: 99");
        assertRefused(with(4, 3 << 24)).hasMessageContaining("big-endian");
    }

    @Test
    void absurdCountsAreRefusedAtOnce() throws IOException {
        for (int at : new int[] {TENSORS_AT, ENTRIES_AT}) {
            byte[] many = whole.clone();
            ByteBuffer.wrap(many).order(ByteOrder.LITTLE_ENDIAN).putLong(at, Long.MAX_VALUE);
            assertRefused(many).hasMessageContaining("damaged GGUF file");
        }
    }

    @Test
    void noDamageLeadsToAnythingButARefusal() throws IOException {
        Random random = new Random(3);
        Path file = directory.resolve("random.gguf");
        for (int round = 0; round < 300; round++) {
            byte[] damaged = whole.clone();
            for (int i = 0; i < 4; i++) {
                damaged[random.nextInt(damaged.length)] = (byte) random.nextInt(256);
            }
            Files.write(file, damaged);

            assertThatCode(() -> refusedOrAccepted(file)).doesNotThrowAnyException();
        }
    }

    private static boolean refusedOrAccepted(Path file) {
        try {
            ModelFiles.check(file);
            return true;
        } catch (ModelLoadException expected) {
            return false;
        }
    }

    private byte[] with(int offset, int value) {
        byte[] changed = whole.clone();
        ByteBuffer.wrap(changed).order(ByteOrder.LITTLE_ENDIAN).putInt(offset, value);
        return changed;
    }

    @Test
    void keyIsNotPrintedAsControlCharacters() throws IOException {
        assertRefused("\u001b[31mred".getBytes(StandardCharsets.UTF_8)).hasMessageContaining("'?[31mred'");
    }
}
