package dev.millrace.cli.engines;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.core.id.ModelId;
import dev.millrace.models.catalogue.Catalogue;
import dev.millrace.server.config.EngineConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What was measured outlives the server that measured it.
class MeasuredMemoryIT {
    private static final ModelId DEMO = new ModelId("demo");

    @TempDir
    private Path directory;

    private Path file() {
        return directory.resolve("data").resolve("measured-memory.json");
    }

    @Test
    void nextServerKnowsWhatTheLastOneMeasured() throws IOException {
        MeasuredMemory first = MeasuredMemory.in(file());
        assertThat(first.bytes("a")).isEmpty();

        first.note("a", 1_000_000);
        first.note("b", 5_000_000_000L);
        first.note("a", 2_000_000);

        MeasuredMemory second = MeasuredMemory.in(file());
        assertThat(second.bytes("a")).hasValue(2_000_000);
        assertThat(second.bytes("b")).hasValue(5_000_000_000L);
        try (Stream<Path> left = Files.list(directory.resolve("data"))) {
            assertThat(left).containsExactly(file());
        }
    }

    @Test
    void estimateIsWhatAnEarlierServerMeasuredWithTheSameSettings() {
        MachineModels first = models(2);
        long estimated = first.estimate(DEMO).total();
        first.measured(RealWorkers.DEMO, 3 * estimated);

        assertThat(models(2).estimate(DEMO).total()).isEqualTo(3 * estimated);
        assertThat(models(3).estimate(DEMO).total()).isBetween(estimated + 1, 2 * estimated);
        first.measured(RealWorkers.DEMO, 1);
        assertThat(models(2).estimate(DEMO).total()).isEqualTo(estimated / 2);
    }

    private MachineModels models(int slots) {
        EngineConfig engine =
                new EngineConfig(EngineConfig.Kind.LLAMA, slots, 256, 1, Duration.ofMillis(100), true, true, null);
        return new MachineModels(
                new ModelFile(DEMO, RealWorkers.DEMO),
                Catalogue.open(directory.resolve("store"), List.of(), InstantSource.system()),
                new MemoryNeeds(engine),
                MeasuredMemory.in(file()));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "{", "[]", "{\"a\": -5}", "{\"a\": \"much\"}", "{\"a\": 12, \"b\": 1.5}", "\0\0\0"})
    void damagedFileIsPassedOverAndWrittenAnew(String content) throws IOException {
        Files.createDirectories(file().resolveSibling(""));
        Files.writeString(file(), content);

        MeasuredMemory memory = MeasuredMemory.in(file());

        assertThat(memory.bytes("a")).isEmpty();
        memory.note("a", 7_000);
        assertThat(MeasuredMemory.in(file()).bytes("a")).hasValue(7_000);
    }

    @Test
    void onlyTheLatestAreKept() {
        MeasuredMemory memory = MeasuredMemory.in(file());
        for (int i = 0; i <= MeasuredMemory.MAX_ENTRIES; i++) {
            memory.note("model " + i, 1_000 + i);
        }

        assertThat(memory.bytes("model 0")).isEmpty();
        assertThat(memory.bytes("model 1")).hasValue(1_001);
        assertThat(MeasuredMemory.in(file()).bytes("model " + MeasuredMemory.MAX_ENTRIES))
                .isPresent();
    }

    @Test
    void placeThatCannotBeWrittenIsNoFailure() throws IOException {
        Files.writeString(directory.resolve("data"), "a file where the folder should be");

        MeasuredMemory memory = MeasuredMemory.in(file());
        memory.note("a", 7_000);

        assertThat(memory.bytes("a")).hasValue(7_000);
    }
}
