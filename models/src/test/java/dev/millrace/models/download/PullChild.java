package dev.millrace.models.download;

import java.net.URI;
import java.nio.file.Path;

/// The process that [PullInterruptionIT] kills.
final class PullChild {
    private static final long MAX_BYTES = 1L << 30;

    private PullChild() {}

    /// The same for all who go on with one file, whatever many kills make of its size.
    static PullBench bench(Path directory, URI base) {
        return new PullBench(directory, base).maxSize(MAX_BYTES);
    }

    public static void main(String[] args) {
        URI base = URI.create(args[1]);
        PullOutcome outcome = bench(Path.of(args[0]), base).pull(base + "/m.gguf", args[2]);
        if (!(outcome instanceof PullOutcome.Pulled)) {
            throw new IllegalStateException(outcome.toString());
        }
    }
}
