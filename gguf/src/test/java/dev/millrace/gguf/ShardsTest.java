package dev.millrace.gguf;

import static dev.millrace.testing.gguf.RawGguf.TEXT;
import static dev.millrace.testing.gguf.RawGguf.U32;
import static dev.millrace.testing.gguf.RawGguf.ints;
import static dev.millrace.testing.gguf.RawGguf.text;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.testing.gguf.RawGguf;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ShardsTest {
    @TempDir
    private Path directory;

    private Path first = Path.of("");
    private Path second = Path.of("");

    @BeforeEach
    void writeBoth() throws IOException {
        first = directory.resolve("m-00001-of-00002.gguf");
        second = directory.resolve("m-00002-of-00002.gguf");
        write(first, split(RawGguf.sound(), 0, 3));
        write(second, split(new RawGguf().tensor("output.weight", 0, 0, 32).dataBytes(128), 1, 3));
    }

    private static RawGguf split(RawGguf raw, int index, int tensors) {
        return raw.entry("split.no", U32, ints(index))
                .entry("split.count", U32, ints(2))
                .entry("split.tensors.count", U32, ints(tensors));
    }

    private static void write(Path file, RawGguf raw) throws IOException {
        Files.write(file, Arrays.copyOf(raw.header(), (int) raw.size()));
    }

    private void assertRefused(Path path, String message) {
        assertThatThrownBy(() -> GgufReader.readModel(path))
                .isInstanceOf(InvalidGgufException.class)
                .hasMessage("split model: " + message);
    }

    @Test
    void filesOfASplitModelAreFoundAndAddedUp() throws IOException {
        GgufModel model = GgufReader.readModel(first);

        assertThat(model.files()).extracting(GgufFile::file).containsExactly(first, second);
        assertThat(model.summary().parameters()).isEqualTo(256 + 32);
        assertThat(model.summary().sizeBytes()).isEqualTo(Files.size(first) + Files.size(second));
        assertThat(model.weights().tensors()).isEqualTo(3);
    }

    @Test
    void missingFileIsNamed() throws IOException {
        Files.delete(second);

        assertRefused(first, "file 2 of 2 is missing: " + second);
    }

    @Test
    void laterFileSaysWhichIsTheFirst() {
        assertRefused(second, second + " is file 2 of 2; name the first: m-00001-of-00002.gguf");
    }

    @Test
    void renamedFileSaysItsName() throws IOException {
        Path renamed = Files.move(first, directory.resolve("model.gguf"));

        assertRefused(
                renamed, renamed + " is one of 2 files, but is not named as one (expected: NAME-00001-of-00002.gguf)");
    }

    @Test
    void tensorsThatAreNotThereAreMissed() throws IOException {
        write(first, split(RawGguf.sound(), 0, 4));

        assertRefused(first, first + " and the files behind it have 3 tensors (expected: 4, by split.tensors.count)");
    }

    @Test
    void fileOfAnotherModelIsRefused() throws IOException {
        RawGguf other = split(new RawGguf().tensor("output.weight", 0, 0, 32).dataBytes(128), 1, 3);
        write(second, other.entry("general.architecture", TEXT, text("qwen3")));

        assertRefused(first, "architecture of " + second + ": 'qwen3' (expected: 'llama')");
    }

    @Test
    void fileOfAnotherPlaceIsRefused() throws IOException {
        write(
                second,
                split(new RawGguf().tensor("output.weight", 0, 0, 32).dataBytes(128), 0, 3)
                        .entry("general.architecture", TEXT, text("llama")));

        assertRefused(first, second + " says it is file 1 of 2 (expected: 2 of 2)");
    }

    @Test
    void sameTensorInTwoFilesIsRefused() throws IOException {
        write(second, split(new RawGguf().tensor("token_embd.weight", 0, 0, 32).dataBytes(128), 1, 3));

        assertThatThrownBy(() -> GgufReader.readModel(first))
                .hasMessage("damaged GGUF file: tensor 'token_embd.weight' is there twice, in " + second);
    }
}
