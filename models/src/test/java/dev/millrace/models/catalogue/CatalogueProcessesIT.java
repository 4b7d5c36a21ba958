package dev.millrace.models.catalogue;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Several processes and threads that change one data directory at the same time.
@Timeout(120)
class CatalogueProcessesIT {
    private static final int MODELS = 10;

    @TempDir
    Path folder;

    @Test
    void nothingIsLostWhenProcessesAndThreadsAddAtOnce() throws Exception {
        Path data = folder.resolve("data");
        Path shared = TinyGguf.named("shared").writeTo(folder.resolve("shared.gguf"));
        CatalogueFixture fixture = new CatalogueFixture(data);

        List<Process> processes = List.of(start(data, "p1", shared), start(data, "p2", shared));
        try (ExecutorService threads = Executors.newFixedThreadPool(2)) {
            List<Future<Integer>> adding = new ArrayList<>();
            for (String thread : List.of("t1", "t2")) {
                adding.add(threads.submit(addModels(fixture, thread)));
            }
            for (Future<Integer> future : adding) {
                future.get();
            }
        }
        for (Process process : processes) {
            assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
            assertThat(process.exitValue())
                    .as(new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
                    .isZero();
        }

        CatalogueListing listing = fixture.catalogue.listing();
        assertThat(listing.warnings()).isEmpty();
        assertThat(listing.entries()).hasSize(2 * MODELS * 2 + 2 * MODELS).allMatch(CatalogueEntry::isUsable);
        assertThat(listing.entries().stream()
                        .mapToLong(entry -> entry.aliases().size())
                        .sum())
                .isEqualTo(2 * MODELS);
        assertThat(fixture.blobs()).hasSize(4 * MODELS);
    }

    private static Callable<Integer> addModels(CatalogueFixture fixture, String prefix) {
        return () -> {
            for (int i = 0; i < MODELS; i++) {
                fixture.adopt(prefix + "-" + i, TinyGguf.named(prefix + i));
            }
            return MODELS;
        };
    }

    private static Process start(Path data, String prefix, Path shared) throws IOException {
        return new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:+UseSerialGC",
                        "-cp",
                        System.getProperty("java.class.path"),
                        AddingProcess.class.getName(),
                        data.toString(),
                        prefix,
                        Integer.toString(MODELS),
                        shared.toString())
                .redirectErrorStream(true)
                .start();
    }
}
