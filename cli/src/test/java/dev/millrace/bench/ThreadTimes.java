package dev.millrace.bench;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

/// What those living threads of this process have done so far whose name begins in a certain way: nanoseconds on a
/// core, and nanoseconds runnable without getting one. Linux only (`/proc/self/task/*/schedstat`). *Immutable.*
record ThreadTimes(long ran, long waited) {
    /// Reads them.
    ///
    /// @param prefix beginning of the names; empty for all threads
    static ThreadTimes now(String prefix) throws IOException {
        long ran = 0;
        long waited = 0;
        try (DirectoryStream<Path> tasks = Files.newDirectoryStream(Path.of("/proc/self/task"))) {
            for (Path task : tasks) {
                try {
                    if (Files.readString(task.resolve("comm")).startsWith(prefix)) {
                        String[] fields =
                                Files.readString(task.resolve("schedstat")).split(" ", -1);
                        ran += Long.parseLong(fields[0]);
                        waited += Long.parseLong(fields[1]);
                    }
                } catch (IOException ended) {
                    // The thread ended while it was looked at: so does every second compute thread of llama.cpp.
                }
            }
        }
        return new ThreadTimes(ran, waited);
    }

    ThreadTimes minus(ThreadTimes before) {
        return new ThreadTimes(ran - before.ran, waited - before.waited);
    }

    /// Milliseconds a token.
    String perToken(long tokens) {
        return String.format(Locale.ROOT, "%.3f ms (waited %.3f)", ran / 1e6 / tokens, waited / 1e6 / tokens);
    }
}
