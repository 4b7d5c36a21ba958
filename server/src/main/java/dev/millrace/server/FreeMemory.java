package dev.millrace.server;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/// What the machine could still give to models.
final class FreeMemory {
    private static final Path MEMINFO = Path.of("/proc/meminfo");
    private static final String AVAILABLE = "MemAvailable:";
    private static final long KIBIBYTE = 1024;

    private FreeMemory() {}

    /// Bytes that the kernel would find without swapping, file caches included; 0 where it does not say.
    static long bytes() {
        try {
            for (String line : Files.readAllLines(MEMINFO)) {
                if (line.startsWith(AVAILABLE)) {
                    return available(line);
                }
            }
        } catch (IOException e) {
            return 0;
        }
        return 0;
    }

    private static long available(String line) {
        List<String> words = List.of(line.strip().split("\\s+"));
        return words.size() < 2 ? 0 : Long.parseLong(words.get(1)) * KIBIBYTE;
    }
}
