package dev.millrace.models.download;

import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.file.Path;
import java.util.Locale;

/// Puts failures of the disk into words.
final class DiskFaults {
    private static final long NEXT_TO_NOTHING = 1 << 20;

    private DiskFaults() {}

    static PullException explain(IOException e, Disk disk, Path directory) {
        if (e instanceof ClosedByInterruptException) {
            return new PullException(PullError.INTERRUPTED, "interrupted", e);
        }
        if (isFull(e, disk, directory)) {
            return new PullException(
                    PullError.INSUFFICIENT_STORAGE,
                    "the disk is full: make room in " + directory + " and pull again; what was transferred is kept",
                    e);
        }
        return new PullException(PullError.STORAGE_FAILED, "the disk failed at " + directory + ": " + reason(e), e);
    }

    /// The reason alone: messages of file exceptions begin with the path.
    private static String reason(IOException e) {
        return e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
    }

    private static boolean isFull(IOException e, Disk disk, Path directory) {
        String words = String.valueOf(e.getMessage()).toLowerCase(Locale.ROOT);
        if (words.contains("no space left") || words.contains("quota exceeded") || words.contains("not enough space")) {
            return true;
        }
        try {
            return disk.usableBytes(directory) < NEXT_TO_NOTHING;
        } catch (IOException unknown) {
            return false;
        }
    }
}
