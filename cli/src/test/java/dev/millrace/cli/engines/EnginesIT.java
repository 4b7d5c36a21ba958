package dev.millrace.cli.engines;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.cli.console.Places;
import dev.millrace.core.id.ModelId;
import dev.millrace.core.time.NanoClock;
import dev.millrace.server.config.ConfigLoader;
import dev.millrace.server.config.ConfigSources;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What a server does about the store when it starts.
class EnginesIT {
    private static final String ORPHAN = "sha256-" + "ab".repeat(32);

    @TempDir
    Path home;

    @Test
    void whatACrashLeftIsNeverListedAndIsDeletedSoonAfterTheStart() throws Exception {
        Path blob = home.resolve("models/blobs").resolve(ORPHAN);
        Files.createDirectories(blob.getParent());
        Files.writeString(blob, "half of a model");
        Path temporary = home.resolve("models/manifests/.new-half.tmp");
        Files.createDirectories(temporary.getParent());
        Files.writeString(temporary, "{\"name\":");
        Map<String, String> flags = Map.of("data-dir", home.toString(), "engine.worker", "false");
        var config = ConfigLoader.load(new ConfigSources(null, Map.of(), flags, home))
                .config();

        try (Engines engines = Engines.of(config, Places.ofThisProcess(Map.of()), Map.of(), notice -> {})) {
            assertThat(blob).as("the start does not wait for it").exists();
            assertThat(engines.source().models()).containsExactly(new ModelId("millrace-demo"));
            long startNanos = NanoClock.SYSTEM.nanoTime();
            while (Files.exists(blob) || Files.exists(temporary)) {
                assertThat(Duration.ofNanos(NanoClock.SYSTEM.nanoTime() - startNanos))
                        .isLessThan(Duration.ofSeconds(20));
                LockSupport.parkNanos(10_000_000);
            }
        }
    }
}
