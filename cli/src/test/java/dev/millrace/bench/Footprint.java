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
/// @param threads all but the JDK's one for the sockets of virtual threads
/// @param files open file handles, sockets included, but for those of that thread and for connections with this
/// process, which measures
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
    /// By how much of itself the memory of a server may have grown.
    static final double GROWTH_LIMIT = 0.02;

    private static final int COLLECTIONS = 3;
    private static final int LENT_THREADS = 2;
    private static final Pattern GENERATION = Pattern.compile("(?:DefNew|Tenured) .*used (\\d+)K");
    private static final int LOCAL_FIELD = 1;
    private static final int INODE_FIELD = 9;
    private static final int IPV4_CHARS = "0100007F:1F90".length();
    /// The JDK starts it when a virtual thread first has to wait for a socket, which few ever do, and keeps it.
    private static final String MASTER_POLLER = "MasterPoller";

    /// What it opens on a machine of few cores.
    private static final int POLLER_HANDLES = 4;

    private static final int FIRST_LOOKS = 10;
    private static final long LOOK_NANOS = 500_000_000L;
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

    /// The least memory of several readings in a row, each like one of [#settled]: what a compiler at work holds for a
    /// moment would make any growth behind it look small.
    static Footprint least(long server, List<Path> socketDirectory) throws IOException, InterruptedException {
        Footprint least = settled(server, socketDirectory, unlimited());
        for (int i = 1; i < FIRST_LOOKS; i++) {
            LockSupport.parkNanos(LOOK_NANOS);
            Footprint next = trimmed(server, socketDirectory, least.heapKib);
            least = next.residentKib < least.residentKib ? next : least;
        }
        return least;
    }

    /// After garbage was collected and what is free was given back, so that what is left is held.
    ///
    /// @param goal for what still closes, and for what a compiler at work holds: waits some seconds until no
    /// count is above it and memory is back
    static Footprint settled(long server, List<Path> socketDirectory, Footprint goal)
            throws IOException, InterruptedException {
        for (int i = 0; i < COLLECTIONS; i++) {
            jcmd(server, "GC.run");
        }
        long heapKib = heapKib(server);
        long endNanos = System.nanoTime() + SETTLE_NANOS;
        Footprint now = trimmed(server, socketDirectory, heapKib);
        while (!(now.holdsNoMoreThan(goal) && now.growth(goal) <= GROWTH_LIMIT) && System.nanoTime() < endNanos) {
            LockSupport.parkNanos(LOOK_NANOS);
            now = trimmed(server, socketDirectory, heapKib);
        }
        return now;
    }

    /// What the compiler freed stays with the C library otherwise, some 20 MB, until it likes to give it back.
    private static Footprint trimmed(long server, List<Path> socketDirectory, long heapKib)
            throws IOException, InterruptedException {
        jcmd(server, "System.trim_native_heap");
        return of(server, socketDirectory, heapKib);
    }

    /// Above every count.
    private static Footprint unlimited() {
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
        boolean polls = hasThread(proc, MASTER_POLLER);
        return new Footprint(
                number(status, "VmRSS:"),
                number(status, "RssAnon:"),
                heapKib,
                (int) ProcessHandle.of(server).orElseThrow().children().count(),
                (int) number(status, "Threads:") - (polls ? 1 : 0),
                handles.size() - connectionsWithUs(proc, handles) - (polls ? POLLER_HANDLES : 0),
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

    private static boolean hasThread(Path proc, String name) throws IOException {
        try (Stream<Path> threads = Files.list(proc.resolve("task"))) {
            return threads.anyMatch(thread -> {
                try {
                    return Files.readString(thread.resolve("comm")).strip().equals(name);
                } catch (IOException e) {
                    return false; // it has ended
                }
            });
        }
    }

    /// A connection over TCP as one end sees it.
    private record End(String local, String remote) {
        boolean isOther(End end) {
            return local.equals(end.remote) && remote.equals(end.local);
        }
    }

    private static int connectionsWithUs(Path proc, List<String> handles) throws IOException {
        Set<End> ours = ends(links(Path.of("/proc/self/fd")), Path.of("/proc/self"));
        return (int) ends(handles, proc).stream()
                .filter(end -> ours.stream().anyMatch(end::isOther))
                .count();
    }

    private static Set<End> ends(List<String> handles, Path proc) throws IOException {
        Set<String> open = Set.copyOf(handles);
        Set<End> ends = new HashSet<>();
        for (String table : List.of("tcp", "tcp6")) {
            for (String line : Files.readAllLines(proc.resolve("net").resolve(table))) {
                String[] fields = line.strip().split("\\s+", -1);
                if (fields.length > INODE_FIELD && open.contains("socket:[" + fields[INODE_FIELD] + "]")) {
                    ends.add(new End(ipv4(fields[LOCAL_FIELD]), ipv4(fields[LOCAL_FIELD + 1])));
                }
            }
        }
        return ends;
    }

    /// An address and port in hexadecimal, as they are without the prefix that marks an older address in a newer table.
    private static String ipv4(String address) {
        return address.length() > IPV4_CHARS ? address.substring(address.length() - IPV4_CHARS) : address;
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

    /// No count is above the other's; memory aside, and but for the threads that the JVM lends to connections of the
    /// measuring client, which come and go.
    boolean holdsNoMoreThan(Footprint other) {
        return children <= other.children
                && threads - LENT_THREADS <= other.threads
                && files <= other.files
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
