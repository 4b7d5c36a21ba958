package dev.millrace.server.models;

import dev.millrace.models.download.Download;
import dev.millrace.models.download.PullOutcome;
import dev.millrace.models.download.PullProgress;
import dev.millrace.protocol.json.JsonBytes;
import java.time.Duration;

/// Downloads as JSON: llama-server's events, and what we know beyond them.
public final class DownloadJson {
    private static final int THOUSAND = 1000;

    private DownloadJson() {}

    /// One entry of `/models`.
    public static void entry(JsonBytes out, Download download, long createdSeconds) {
        out.ascii("{\"id\":").string(download.reference());
        out.ascii(",\"object\":\"model\",\"created\":").number(createdSeconds);
        out.ascii(",\"owned_by\":\"millrace\",\"status\":");
        status(out, download);
        out.ascii("}");
    }

    /// The answer to whoever asked for it.
    public static void answer(JsonBytes out, Download download) {
        out.ascii("{\"success\":true,\"id\":").string(download.reference()).ascii(",\"status\":");
        status(out, download);
        out.ascii("}");
    }

    /// One event of `/models/sse`.
    public static void event(JsonBytes out, Download download) {
        PullProgress progress = download.progress();
        out.ascii("{\"model\":").string(download.reference());
        out.ascii(",\"event\":\"").ascii(event(download)).ascii("\",\"data\":{");
        if (download.isRunning()) {
            out.ascii("\"progress\":{").string(download.reference()).ascii(":{\"done\":");
            out.number(progress.bytes())
                    .ascii(",\"total\":")
                    .number(Math.max(progress.totalBytes(), 0))
                    .ascii("}},");
        }
        out.ascii("\"details\":");
        status(out, download);
        out.ascii("}}");
    }

    private static String event(Download download) {
        return download.isRunning()
                ? "download_progress"
                : download.isFailed() ? "download_failed" : "download_finished";
    }

    /// What is known of it.
    static void status(JsonBytes out, Download download) {
        PullProgress progress = download.progress();
        out.ascii("{\"value\":\"").ascii(value(download)).ascii("\"");
        out.ascii(",\"phase\":\"").ascii(progress.phase().wireName()).ascii("\"");
        if (!progress.model().isEmpty()) {
            out.ascii(",\"model\":").string(progress.model());
        }
        out.ascii(",\"bytes\":").number(progress.bytes());
        if (progress.totalBytes() >= 0) {
            out.ascii(",\"total_bytes\":").number(progress.totalBytes());
            out.ascii(",\"progress\":").thousandths(Math.round(progress.fraction() * THOUSAND));
        }
        if (download.isRunning()) {
            pace(out, progress);
        }
        if (download.outcome() instanceof PullOutcome.Failed(var error, String message)) {
            out.ascii(",\"failed\":true,\"code\":\"").ascii(error.wireName());
            out.ascii("\",\"reason\":").string(message);
        }
        out.ascii("}");
    }

    private static void pace(JsonBytes out, PullProgress progress) {
        out.ascii(",\"bytes_per_second\":").number(progress.bytesPerSecond());
        Duration left = progress.timeLeft();
        if (left != null) {
            out.ascii(",\"seconds_left\":").number(left.toSeconds());
        }
        if (!progress.note().isEmpty()) {
            out.ascii(",\"note\":").string(progress.note());
        }
    }

    private static String value(Download download) {
        return switch (download.outcome()) {
            case null -> "downloading";
            case PullOutcome.Pulled _, PullOutcome.AlreadyThere _ -> "downloaded";
            case PullOutcome.Cancelled _ -> "paused";
            case PullOutcome.Failed _ -> "failed";
        };
    }
}
