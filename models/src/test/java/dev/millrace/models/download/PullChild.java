package dev.millrace.models.download;

import java.net.URI;
import java.nio.file.Path;

/// The process that [PullInterruptionIT] kills.
final class PullChild {
    private PullChild() {}

    public static void main(String[] args) {
        URI base = URI.create(args[1]);
        PullOutcome outcome = new PullBench(Path.of(args[0]), base).pull(base + "/m.gguf", args[2]);
        if (!(outcome instanceof PullOutcome.Pulled)) {
            throw new IllegalStateException(outcome.toString());
        }
    }
}
