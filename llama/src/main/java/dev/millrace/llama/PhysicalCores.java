package dev.millrace.llama;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/// Counts processor cores. A second hardware thread of a core adds nothing to matrix arithmetic.
final class PhysicalCores {
    private static final Path CPUS = Path.of("/sys/devices/system/cpu");

    private PhysicalCores() {}

    /// Cores this process may use, at least 1.
    static int available() {
        return Math.min(count(CPUS), Runtime.getRuntime().availableProcessors());
    }

    /// Cores below a directory of the kernel's; where that says nothing, as many as anybody could want.
    static int count(Path cpus) {
        Set<String> siblings = new HashSet<>();
        try (Stream<Path> entries = Files.list(cpus)) {
            List<Path> files = entries.filter(e -> e.getFileName().toString().matches("cpu\\d+"))
                    .map(e -> e.resolve("topology/thread_siblings_list"))
                    .toList();
            for (Path file : files) {
                if (Files.isReadable(file)) {
                    siblings.add(Files.readString(file).strip());
                }
            }
        } catch (IOException e) {
            return Integer.MAX_VALUE;
        }
        return siblings.isEmpty() ? Integer.MAX_VALUE : siblings.size();
    }
}
