package dev.millrace.server.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConfigFileIT {
    private static final Path DOCS = Path.of("..", "docs");
    private static final boolean REGENERATE = Boolean.getBoolean("millrace.regenerate");

    @TempDir
    private Path directory = Path.of(".");

    @Test
    void fileIsReadWithNestingDotsAndLists() throws Exception {
        var config = load("server:\n  port: 9000\n  allowed-hosts: [a.example, b.example]\nlimits.queue: 3\n")
                .config();

        assertThat(config.server().port()).isEqualTo(9000);
        assertThat(config.server().allowedHosts()).containsExactly("a.example", "b.example");
        assertThat(config.limits().queue()).isEqualTo(3);
    }

    @Test
    void emptyFileChangesNothing() throws Exception {
        assertThat(load("").config().server().port()).isEqualTo(8000);
        assertThat(load("# nothing\n").config().server().port()).isEqualTo(8000);
    }

    @Test
    void unknownKeyNamesItsLine() {
        assertThatThrownBy(() -> load("server:\n  port: 9000\n  hots: x\n"))
                .hasMessage("millrace.yaml:3: unknown key server.hots (did you mean server.host?)");
    }

    @Test
    void wrongTypeNamesItsLine() {
        assertThatThrownBy(() -> load("limits:\n  in-flight: many\n"))
                .hasMessage("millrace.yaml:2: limits.in-flight: many (expected: 1..100000)");
    }

    @Test
    void keyGivenTwiceIsRefused() {
        assertThatThrownBy(() -> load("server:\n  port: 1\n  port: 2\n")).hasMessageContaining("appears twice");
        assertThatThrownBy(() -> load("server:\n  port: 1\nserver.port: 2\n")).hasMessageContaining("given twice");
    }

    @Test
    void brokenYamlNamesItsLine() {
        assertThatThrownBy(() -> load("server:\n  port: [1\n")).hasMessageStartingWith("millrace.yaml:");
        assertThatThrownBy(() -> load("- a\n- b\n")).hasMessage("millrace.yaml:1: expected keys and values");
    }

    @Test
    void missingFileIsAnError() {
        var sources = new ConfigSources(directory.resolve("none.yaml"), Map.of(), Map.of(), directory);
        assertThatThrownBy(() -> ConfigLoader.load(sources)).hasMessageContaining("cannot be read");
    }

    @Test
    void renderedConfigurationIsAFileThatMeansTheSame() throws Exception {
        var first = load("server:\n  allowed-hosts: ['*', a.example]\ndata-dir: \"/x y/ä\"\n");

        var second = load(first.render());

        assertThat(second.config()).isEqualTo(first.config());
    }

    @Test
    void exampleFileHoldsEveryKeyWithItsDefault() throws Exception {
        Path example = DOCS.resolve("millrace.example.yaml");
        Path home = Path.of("/home/someone");
        var defaults = ConfigLoader.load(new ConfigSources(null, Map.of(), Map.of(), home));

        var loaded = ConfigLoader.load(new ConfigSources(example, Map.of(), Map.of(), home));

        assertThat(loaded.config()).isEqualTo(defaults.config());
        assertThat(loaded.render()).doesNotContain("# default");
    }

    @Test
    void referencePageIsUpToDate() throws IOException {
        Path page = DOCS.resolve("configuration.md");
        if (REGENERATE) {
            Files.writeString(page, ConfigReference.markdown());
        }

        assertThat(page).hasContent(ConfigReference.markdown());
    }

    private LoadedConfig load(String yaml) throws Exception {
        Path file = directory.resolve("millrace.yaml");
        Files.writeString(file, yaml);
        return ConfigLoader.load(new ConfigSources(file, Map.of(), Map.of(), Path.of("/home/someone")));
    }
}
