package dev.millrace.llama.natives;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

class TarReaderTest {
    private static Map<String, String> read(byte[] tar) throws IOException {
        Map<String, String> files = new LinkedHashMap<>();
        TarReader reader = new TarReader(new ByteArrayInputStream(tar));
        for (TarReader.Entry entry = reader.next(); entry != null; entry = reader.next()) {
            files.put(entry.name(), new String(reader.content().readAllBytes(), UTF_8));
        }
        return files;
    }

    @Test
    void filesComeInOrderWithTheirContent() throws IOException {
        String large = "x".repeat(1_025);
        byte[] tar = new Archives()
                .file("package/a", "one".getBytes(UTF_8))
                .file("package/empty", new byte[0])
                .file("package/b", large.getBytes(UTF_8))
                .tar();

        assertThat(read(tar))
                .containsExactly(
                        Map.entry("package/a", "one"), Map.entry("package/empty", ""), Map.entry("package/b", large));
    }

    @Test
    void contentThatNobodyReadIsSkipped() throws IOException {
        byte[] tar = new Archives()
                .file("a", new byte[700])
                .file("b", "two".getBytes(UTF_8))
                .tar();
        TarReader reader = new TarReader(new ByteArrayInputStream(tar));

        reader.next();
        TarReader.Entry second = reader.next();

        assertThat(second).isEqualTo(new TarReader.Entry("b", 3));
        assertThat(reader.content().readAllBytes()).isEqualTo("two".getBytes(UTF_8));
    }

    @Test
    void linksAndDirectoriesAreLeftOut() throws IOException {
        byte[] tar = new Archives()
                .entry("dir/", '5', new byte[0])
                .entry("link", '2', new byte[0])
                .entry("hard", '1', new byte[0])
                .entry("pax", 'x', "20 path=elsewhere\n".getBytes(UTF_8))
                .file("file", "f".getBytes(UTF_8))
                .tar();

        assertThat(read(tar)).containsOnlyKeys("file");
    }

    @Test
    void damagedHeaderIsRefused() {
        byte[] tar = new Archives().file("a", new byte[3]).tar();
        tar[5] ^= 1;

        assertThatThrownBy(() -> read(tar)).isInstanceOf(NativesException.class).hasMessageContaining("damaged");
    }

    @Test
    void archiveThatEndsInAFileIsRefused() {
        byte[] tar = new Archives().file("a", new byte[3_000]).tar();
        byte[] cut = Arrays.copyOf(tar, 1_000);

        assertThatThrownBy(() -> read(cut))
                .isInstanceOf(NativesException.class)
                .hasMessageContaining("ends in the middle");
    }
}
