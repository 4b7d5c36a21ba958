package dev.millrace.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// What a server holds at a moment, by the kernel's accounts. Linux only. *Immutable.*
///
/// @param residentKib memory of the process that is in RAM
/// @param anonymousKib the part of it that is no file's
/// @param heapKib Java objects that are left after a garbage collection
/// @param files open file handles, sockets included
/// @param unixSockets those of the handles that are sockets of this machine
/// @param socketFiles files in the directory of the workers' sockets
record Footprint(
        long residentKib,
        long anonymousKib,
        long heapKib,
        int children,
        int threads,
        int files,
        int unixSockets,
        int socketFiles) {
    private static final int COLLECTIONS = 3;
    private static final int OWN = 2;
    private static final Pattern GENERATION = Pattern.compile("(?:DefNew|Tenured) .*used (\\d+)K");
    private static final long SETTLE_NANOS = 10_000_000_000L;

    /// Where the workers' sockets are: as one of them was told.
    static Path socketDirectory(long server) throws IOException {
        long worker = ProcessHandle.of(server)
                .orElseThrow()
                .children()
                .findFirst()
                .orElseThrow(() -> new IllegalStateException("the server runs no worker"))
                .pid();
        String[] words =
                Files.readString(Path.of("/proc/" + worker + "/cmdline")).split("\0", -1);
        return Objects.requireNonNull(Path.of(words[words.length - 2]).getParent());
    }

    /// After garbage was collected and what is free was given back, so that what is left is held.
    ///
    /// @param goal for what still closes: waits some seconds until no count is above it
    static Footprint settled(long server, List<Path> socketDirectory, Footprint goal)
            throws IOException, InterruptedException {
        for (int i = 0; i < COLLECTIONS; i++) {
            jcmd(server, "GC.run");
        }
        // What the compiler freed stays with the C library otherwise, some 20 MB, until it likes to give it back.
        jcmd(server, "System.trim_native_heap");
        long heapKib = heapKib(server);
        long endNanos = System.nanoTime() + SETTLE_NANOS;
        Footprint now = of(server, socketDirectory, heapKib);
        while (!now.holdsNoMoreThan(goal) && System.nanoTime() < endNanos) {
            LockSupport.parkNanos(20_000_000);
            now = of(server, socketDirectory, heapKib);
        }
        return now;
    }

    /// Above every count.
    static Footprint unlimited() {
        return new Footprint(
                Long.MAX_VALUE,
                Long.MAX_VALUE,
                Long.MAX_VALUE,
                Integer.MAX_VALUE,
                Integer.MAX_VALUE,
                Integer.MAX_VALUE,
                Integer.MAX_VALUE,
                Integer.MAX_VALUE);
    }

    private static String jcmd(long server, String command) throws IOException, InterruptedException {
        Path jcmd = Path.of(System.getProperty("java.home"), "bin", "jcmd");
        Process process = new ProcessBuilder(jcmd.toString(), Long.toString(server), command)
                .redirectErrorStream(true)
                .start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (process.waitFor() != 0) {
            throw new IOException("jcmd " + server + " " + command + ": " + said);
        }
        return said;
    }

    private static long heapKib(long server) throws IOException, InterruptedException {
        Matcher generation = GENERATION.matcher(jcmd(server, "GC.heap_info"));
        long used = 0;
        while (generation.find()) {
            used += Long.parseLong(generation.group(1));
        }
        return used;
    }

    private static Footprint of(long server, List<Path> socketDirectory, long heapKib) throws IOException {
        Path proc = Path.of("/proc/" + server);
        List<String> status = Files.readAllLines(proc.resolve("status"));
        Set<String> unix = new HashSet<>();
        for (String line : Files.readAllLines(proc.resolve("net/unix"))) {
            String[] fields = line.strip().split("\\s+", -1);
            unix.add("socket:[" + (fields.length > 6 ? fields[6] : "") + "]");
        }
        List<String> handles = links(proc.resolve("fd"));
        int socketFiles = 0;
        for (Path directory : socketDirectory) {
            socketFiles += count(directory);
        }
        return new Footprint(
                number(status, "VmRSS:"),
                number(status, "RssAnon:"),
                heapKib,
                (int) ProcessHandle.of(server).orElseThrow().children().count(),
                (int) number(status, "Threads:"),
                handles.size(),
                (int) handles.stream().filter(unix::contains).count(),
                socketFiles);
    }

    private static long number(List<String> status, String name) {
        return status.stream()
                .filter(line -> line.startsWith(name))
                .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
                .findFirst()
                .orElseThrow();
    }

    private static int count(Path directory) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return (int) files.count();
        }
    }

    private static List<String> links(Path directory) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.map(Footprint::link).toList();
        }
    }

    private static String link(Path file) {
        try {
            return Files.readSymbolicLink(file).toString();
        } catch (NoSuchFileException e) {
            return "closed meanwhile";
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// No count is above the other's; memory aside, and but for what the measuring client's own
    /// connections, which come and go, and the threads that the JVM lends to them make.
    boolean holdsNoMoreThan(Footprint other) {
        return children <= other.children
                && threads - OWN <= other.threads
                && files - OWN <= other.files
                && unixSockets <= other.unixSockets
                && socketFiles <= other.socketFiles;
    }

    /// How much more is resident than there was, as a share of it.
    double growth(Footprint before) {
        return (double) (residentKib - before.residentKib) / before.residentKib;
    }

    static String header() {
        return "  cycles   RSS MiB  of it anonymous  heap MiB  children  threads  file handles  unix sockets  socket files";
    }

    String row(String cycles) {
        return String.format(
                Locale.ROOT,
                "%8s  %8.1f  %15.1f  %8.2f  %8d  %7d  %12d  %12d  %12d",
                cycles,
                residentKib / 1024.0,
                anonymousKib / 1024.0,
                heapKib / 1024.0,
                children,
                threads,
                files,
                unixSockets,
                socketFiles);
    }
}
