package dev.millrace.models.download;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/// Waits for another pull of the same thing.
final class Others {
    private Others() {}

    /// Shows how far the other pull is, from what it recorded.
    static void showProgress(Path directory, ProgressBoard board) {
        long present = 0;
        try (Stream<Path> all = Files.isDirectory(directory) ? Files.list(directory) : Stream.empty()) {
            List<Path> journals =
                    all.filter(p -> p.toString().endsWith(".journal")).toList();
            for (Path journal : journals) {
                present += PartJournal.read(journal)
                        .map(left -> left.present().bytes())
                        .orElse(0L);
            }
        } catch (IOException e) {
            // It is moving things just now; the next look comes soon.
        }
        board.note("another pull of it is running");
        board.present(present);
        board.enter(PullPhase.WAITING);
    }

    static void waitABit(Pause pause, StopSignal stop) throws PullException {
        try {
            if (pause.await(stop.latch(), ProgressBoard.INTERVAL)) {
                stop.check();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new PullException(PullError.INTERRUPTED, "interrupted", e);
        }
    }
}
