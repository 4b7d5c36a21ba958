package dev.millrace.cli.doctor;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// Looks at what the machine brings: Java, tools, processor, memory, disk, C library.
final class MachineChecks {
    static final int JAVA_MAJOR = 25;

    private static final Pattern MEMORY = Pattern.compile("(MemTotal|MemAvailable):\\s+(\\d+) kB");
    private static final Pattern VERSION = Pattern.compile("(\\d+)\\.(\\d+)");
    private static final double KIB_PER_GIB = 1 << 20;
    private static final double ENOUGH_MEMORY_GIB = 1;
    private static final long ENOUGH_DISK = 1L << 30;
    private static final long LEAST_DISK = 200L << 20;
    private static final int NEWEST_LLAMA_GLIBC_MINOR = 34;
    private static final int COMMAND_SECONDS = 5;

    private final Map<String, String> environment;
    private final Path proc;

    /// @param proc where Linux describes itself: `/proc`
    MachineChecks(Map<String, String> environment, Path proc) {
        this.environment = environment;
        this.proc = proc;
    }

    List<Diagnosis> all(Path dataDirectory) {
        return List.of(
                java(), maven(), processor(), memory(), cLibrary(), disk(dataDirectory), writable(dataDirectory));
    }

    private Diagnosis java() {
        Runtime.Version version = Runtime.version();
        String detail = version + " (" + System.getProperty("java.vendor") + ") in " + System.getProperty("java.home");
        return version.feature() == JAVA_MAJOR
                ? Diagnosis.good("Java", detail)
                : Diagnosis.bad("Java", detail, "Set MILLRACE_JAVA_HOME to a JDK " + JAVA_MAJOR);
    }

    private Diagnosis maven() {
        return onPath("mvn")
                .map(p -> Diagnosis.good("Maven", p.toString()))
                .orElseGet(() -> Diagnosis.weak(
                        "Maven", "not on the PATH", "Only building from source needs it: apt-get install maven"));
    }

    private Diagnosis processor() {
        int cores = Runtime.getRuntime().availableProcessors();
        Processor processor = Processor.parse(read("cpuinfo"));
        String detail = cores
                + (cores == 1 ? " core" : " cores")
                + (processor.model().isEmpty() ? "" : ", " + processor.model())
                + (processor.features().isEmpty() ? "" : ": " + String.join(" ", processor.features()));
        if (processor.features().isEmpty()) {
            return Diagnosis.weak("Processor", detail, "Its features are unknown here; speed cannot be foretold");
        }
        boolean fast =
                processor.features().contains("avx2") || processor.features().contains("asimd");
        return fast
                ? Diagnosis.good("Processor", detail)
                : Diagnosis.weak("Processor", detail + " (no AVX2)", "Models run, but several times slower");
    }

    private Diagnosis memory() {
        double total = 0;
        double available = 0;
        Matcher m = MEMORY.matcher(read("meminfo"));
        while (m.find()) {
            double gib = Long.parseLong(m.group(2)) / KIB_PER_GIB;
            if (m.group(1).equals("MemTotal")) {
                total = gib;
            } else {
                available = gib;
            }
        }
        if (total == 0) {
            return Diagnosis.weak("Memory", "unknown", "A model needs its file's size in memory, and some more");
        }
        String detail = String.format(Locale.ROOT, "%.1f GiB free of %.1f GiB", available, total);
        return available >= ENOUGH_MEMORY_GIB
                ? Diagnosis.good("Memory", detail)
                : Diagnosis.weak("Memory", detail, "The demo model fits; close programs before loading larger ones");
    }

    /// llama.cpp's newest build needs glibc 2.34; older systems get an older llama.cpp.
    private Diagnosis cLibrary() {
        String version = output("getconf", "GNU_LIBC_VERSION").orElse("");
        Matcher m = VERSION.matcher(version);
        if (!m.find()) {
            return Diagnosis.weak(
                    "C library", "not glibc, or unknown", "Use a distribution with glibc, for example Debian");
        }
        boolean recent = Integer.parseInt(m.group(1)) > 2 || Integer.parseInt(m.group(2)) >= NEWEST_LLAMA_GLIBC_MINOR;
        return recent
                ? Diagnosis.good("C library", version)
                : Diagnosis.weak(
                        "C library",
                        version + " (llama.cpp 0.5.0 needs 2.34)",
                        "The older llama.cpp is used; newer model families need a newer system");
    }

    private static Diagnosis disk(Path dataDirectory) {
        try {
            Path existing = dataDirectory.toAbsolutePath();
            while (existing.getParent() != null && !Files.exists(existing)) {
                existing = existing.getParent();
            }
            long free = Files.getFileStore(existing).getUsableSpace();
            String detail = String.format(Locale.ROOT, "%.1f GiB free at %s", free / (double) (1L << 30), existing);
            if (free < LEAST_DISK) {
                return Diagnosis.bad("Disk", detail, "Make room, or put the data directory elsewhere: MILLRACE_HOME");
            }
            return free < ENOUGH_DISK
                    ? Diagnosis.weak("Disk", detail, "Enough for the demo model; larger ones need more")
                    : Diagnosis.good("Disk", detail);
        } catch (IOException e) {
            return Diagnosis.weak("Disk", "unknown: " + e.getMessage(), "Look at the data directory's disk: df");
        }
    }

    private static Diagnosis writable(Path dataDirectory) {
        try {
            Files.createDirectories(dataDirectory);
            Files.delete(Files.createTempFile(dataDirectory, "doctor", ".tmp"));
            return Diagnosis.good("Data directory", dataDirectory.toString());
        } catch (IOException e) {
            return Diagnosis.bad(
                    "Data directory",
                    dataDirectory + " cannot be written: " + e.getMessage(),
                    "Make it writable, or choose another one: --data-dir or MILLRACE_HOME");
        }
    }

    private Optional<Path> onPath(String command) {
        String path = environment.getOrDefault("PATH", "");
        return Stream.of(path.split(":"))
                .filter(folder -> !folder.isEmpty())
                .map(folder -> Path.of(folder, command))
                .filter(Files::isExecutable)
                .findFirst();
    }

    private String read(String name) {
        try {
            return Files.readString(proc.resolve(name));
        } catch (IOException e) {
            return "";
        }
    }

    private static Optional<String> output(String... command) {
        try {
            Process process = new ProcessBuilder(command)
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
            process.getOutputStream().close();
            if (!process.waitFor(COMMAND_SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly();
                return Optional.empty();
            }
            String text = new String(process.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
            return process.exitValue() == 0 ? Optional.of(text.strip()) : Optional.empty();
        } catch (IOException e) {
            return Optional.empty();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Optional.empty();
        }
    }
}
