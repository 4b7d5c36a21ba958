package dev.millrace.cli.engines;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What models took when they were loaded, kept over restarts in a small file of the data directory. Losing it costs a
/// better estimate, nothing else: a damaged file is passed over, and one that cannot be written is a warning.
/// *Thread-safe.*
final class MeasuredMemory {
    static final int MAX_ENTRIES = 256;

    private static final Logger LOG = LoggerFactory.getLogger(MeasuredMemory.class);
    private static final int MAX_FILE_BYTES = 1 << 20;
    /// A change by less is not worth a write.
    private static final double NOTABLE = 0.02;

    private static final ObjectMapper JSON = new ObjectMapper();

    private final Path file;
    /// Guarded by this; the longest unheard of first.
    private final Map<String, Long> bytesByKey = new LinkedHashMap<>();

    private MeasuredMemory(Path file) {
        this.file = file;
    }

    /// Reads what was kept.
    ///
    /// @param file need not be there
    static MeasuredMemory in(Path file) {
        MeasuredMemory memory = new MeasuredMemory(file);
        try {
            memory.read();
        } catch (NoSuchFileException e) {
            LOG.debug("event=nothing_measured file={}", file);
        } catch (IOException e) {
            memory.bytesByKey.clear();
            LOG.warn(
                    "event=measured_memory_unreadable file={} reason=\"{}\" remedy=\"none needed: it is written anew\"",
                    file,
                    e.getMessage());
        }
        return memory;
    }

    private synchronized void read() throws IOException {
        if (Files.size(file) > MAX_FILE_BYTES) {
            throw new IOException("more than " + MAX_FILE_BYTES + " bytes");
        }
        JsonNode root;
        try {
            root = JSON.readTree(Files.readAllBytes(file));
        } catch (JsonProcessingException e) {
            throw new IOException("it is no JSON", e);
        }
        if (!root.isObject()) {
            throw new IOException("it is no JSON object");
        }
        for (Map.Entry<String, JsonNode> entry : root.properties()) {
            if (!entry.getValue().isIntegralNumber() || entry.getValue().longValue() <= 0) {
                throw new IOException("a value is no number of bytes");
            }
            put(entry.getKey(), entry.getValue().longValue());
        }
    }

    private void put(String key, long bytes) {
        bytesByKey.remove(key);
        bytesByKey.put(key, bytes);
        if (bytesByKey.size() > MAX_ENTRIES) {
            bytesByKey.remove(bytesByKey.keySet().iterator().next());
        }
    }

    /// What was measured last; empty if nothing was.
    synchronized OptionalLong bytes(String key) {
        Long bytes = bytesByKey.get(key);
        return bytes == null ? OptionalLong.empty() : OptionalLong.of(bytes);
    }

    /// Keeps what was measured now.
    synchronized void note(String key, long bytes) {
        Long before = bytesByKey.get(key);
        if (bytes <= 0 || (before != null && Math.abs(before - bytes) < NOTABLE * before)) {
            return;
        }
        put(key, bytes);
        try {
            write();
        } catch (IOException e) {
            LOG.warn(
                    "event=measured_memory_not_kept file={} reason=\"{}\" remedy=\"make the data directory writable\"",
                    file,
                    e.getMessage());
        }
    }

    /// Beside its place first: it is there as it was or as it is now, never in part.
    private void write() throws IOException {
        ObjectNode root = JSON.createObjectNode();
        bytesByKey.forEach(root::put);
        Path folder = file.toAbsolutePath().resolveSibling("");
        Files.createDirectories(folder);
        Path temporary = Files.createTempFile(folder, ".measured-", ".tmp");
        try {
            Files.write(temporary, JSON.writeValueAsBytes(root));
            Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE);
        } finally {
            Files.deleteIfExists(temporary);
        }
    }
}
