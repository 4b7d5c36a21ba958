package dev.millrace.worker.process;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Lets a process start without taking the cores from others: with a low priority, which is taken back later.
/// *Immutable.*
///
/// Linux lets everybody lower a priority but only some raise it again: those with `CAP_SYS_NICE` (root has it, root in
/// a container usually has not), and those with a limit for it (`LimitNICE=` of systemd). For the others, and where
/// `nice` or `renice` is missing, this does nothing: a model that stays slow is worse than a slow moment beside it.
final class LowPriority {
    /// A tenth of a core where something of usual priority wants it, too (kernel weights 110 and 1024).
    static final int STEPS = 10;

    private static final Logger LOG = LoggerFactory.getLogger(LowPriority.class);
    private static final int LOWEST = 19;
    private static final int LIMIT_OF_ZERO = 20;
    private static final int CAP_SYS_NICE = 23;
    private static final int ROUNDS = 5;
    private static final long RENICE_SECONDS = 5;
    /// Of what follows the name in `/proc/PID/stat`, which begins with field 3.
    private static final int NICE_FIELD = 19 - 3;

    // Where every distribution of Linux has them; a search path might lead elsewhere.
    private static final Path NICE = Path.of("/usr/bin/nice");
    private static final Path RENICE = Path.of("/usr/bin/renice");
    private static final Path SELF = Path.of("/proc/self");
    private static final Pattern CAPABILITIES = Pattern.compile("(?m)^CapEff:\\s*([0-9a-f]+)$");
    private static final Pattern LIMIT = Pattern.compile("(?m)^Max nice priority\\s+(\\d+|unlimited)");

    private final boolean possible;
    private final int usual;

    private LowPriority(boolean possible, int usual) {
        this.possible = possible;
        this.usual = usual;
    }

    /// What this process may do to the priority of its children.
    static LowPriority ofThisProcess() {
        try {
            int usual = nice(Files.readString(SELF.resolve("stat")));
            boolean mayRaise =
                    mayRaise(Files.readString(SELF.resolve("status")), Files.readString(SELF.resolve("limits")), usual);
            boolean programs = Files.isExecutable(NICE) && Files.isExecutable(RENICE);
            return new LowPriority(mayRaise && programs && usual + STEPS <= LOWEST, usual);
        } catch (IOException | RuntimeException e) {
            LOG.debug("event=no_low_priority", e);
            return new LowPriority(false, 0);
        }
    }

    /// True if a process with this `status` and these `limits` may give a child back the priority `nice`.
    static boolean mayRaise(String status, String limits, int nice) {
        Matcher capabilities = CAPABILITIES.matcher(status);
        if (capabilities.find() && new BigInteger(capabilities.group(1), 16).testBit(CAP_SYS_NICE)) {
            return true;
        }
        Matcher limit = LIMIT.matcher(limits);
        return limit.find()
                && (limit.group(1).equals("unlimited") || Integer.parseInt(limit.group(1)) >= LIMIT_OF_ZERO - nice);
    }

    /// The priority in a `stat` of `/proc`: from -20, the highest, to 19.
    static int nice(String stat) {
        // The name is in parentheses and may have blanks and parentheses itself.
        return Integer.parseInt(stat.substring(stat.lastIndexOf(')') + 2).split(" ", NICE_FIELD + 2)[NICE_FIELD]);
    }

    boolean isPossible() {
        return possible;
    }

    /// The command that starts `command` with a low priority.
    List<String> lowered(List<String> command) {
        List<String> words = new ArrayList<>(List.of(NICE.toString(), "-n", Integer.toString(STEPS)));
        words.addAll(command);
        return words;
    }

    /// Gives a process the usual priority with all of its threads, also those that start meanwhile.
    void end(long pid) throws InterruptedException {
        try {
            List<String> low = lowThreads(pid);
            for (int round = 0; round < ROUNDS && !low.isEmpty(); round++) {
                raise(low);
                low = lowThreads(pid);
            }
            if (!low.isEmpty()) {
                LOG.warn("event=priority_stays_low pid={} threads={}", pid, low.size());
            }
        } catch (IOException | UncheckedIOException e) {
            LOG.warn("event=priority_stays_low pid={} reason=\"{}\"", pid, e.getMessage());
        }
    }

    private List<String> lowThreads(long pid) throws IOException {
        try (Stream<Path> threads = Files.list(Path.of("/proc", Long.toString(pid), "task"))) {
            return threads.filter(this::isLow)
                    .map(thread -> thread.getFileName().toString())
                    .toList();
        }
    }

    private boolean isLow(Path thread) {
        try {
            return nice(Files.readString(thread.resolve("stat"))) > usual;
        } catch (IOException e) {
            return false; // it has ended
        }
    }

    private void raise(List<String> threads) throws IOException, InterruptedException {
        // Without -n, which some take for a difference.
        List<String> words = new ArrayList<>(List.of(RENICE.toString(), Integer.toString(usual), "-p"));
        words.addAll(threads);
        Process renice = new ProcessBuilder(words)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        try {
            renice.getOutputStream().close();
            if (!renice.waitFor(RENICE_SECONDS, TimeUnit.SECONDS)) {
                throw new IOException("renice does not end");
            }
        } finally {
            renice.destroyForcibly();
        }
    }
}
