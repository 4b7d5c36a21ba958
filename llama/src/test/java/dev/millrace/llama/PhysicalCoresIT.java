package dev.millrace.llama;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PhysicalCoresIT {
    @TempDir
    private Path cpus;

    private void cpu(int number, String siblings) throws IOException {
        Path topology = Files.createDirectories(cpus.resolve("cpu" + number + "/topology"));
        Files.writeString(topology.resolve("thread_siblings_list"), siblings + "\n");
    }

    @Test
    void hardwareThreadsOfACoreCountOnce() throws IOException {
        cpu(0, "0,2");
        cpu(1, "1,3");
        cpu(2, "0,2");
        cpu(3, "1,3");
        Files.createDirectories(cpus.resolve("cpufreq"));

        assertThat(PhysicalCores.count(cpus)).isEqualTo(2);
    }

    @Test
    void machineThatDoesNotSayHasNoLimitOfItsOwn() {
        assertThat(PhysicalCores.count(cpus)).isEqualTo(Integer.MAX_VALUE);
        assertThat(PhysicalCores.count(cpus.resolve("none"))).isEqualTo(Integer.MAX_VALUE);
        assertThat(PhysicalCores.available()).isBetween(1, Runtime.getRuntime().availableProcessors());
    }
}
