package dev.millrace.server.http;

import dev.millrace.core.error.ErrorCode;
import dev.millrace.core.id.RequestId;
import dev.millrace.models.download.Download;
import dev.millrace.models.download.Downloads;
import dev.millrace.models.download.PullError;
import dev.millrace.models.download.PullOutcome;
import dev.millrace.protocol.json.JsonBytes;
import dev.millrace.protocol.openai.ApiError;
import dev.millrace.server.generate.CallScope;
import dev.millrace.server.loop.Deadlined;
import dev.millrace.server.models.DownloadJson;
import dev.millrace.server.reply.Reply;
import io.vertx.core.http.HttpServerResponse;
import java.time.Duration;

/// A request for a download that has not been answered: it is when the first bytes are on their way, so that whatever
/// can be refused is refused in the answer; or, if its client wishes so, at the end. *Confined to its event loop.*
final class PendingDownload extends Deadlined {
    /// A source that is slow to say what it has does not keep a client that did not ask to wait.
    private static final long PATIENCE_NANOS = Duration.ofSeconds(5).toNanos();

    private static final ApiError STOPPED =
            ApiError.of(ErrorCode.INTERRUPTED, "The download was stopped; POST /models goes on from what is there.");

    private final HttpServerResponse response;
    private final RequestId id;
    private final String reference;
    private final Downloads downloads;
    private final boolean toTheEnd;
    private final CallScope scope;
    private final long startNanos;
    private Runnable untell = () -> {};
    private boolean done;

    PendingDownload(
            HttpServerResponse response,
            RequestId id,
            String reference,
            Downloads downloads,
            boolean toTheEnd,
            CallScope scope) {
        this.response = response;
        this.id = id;
        this.reference = reference;
        this.downloads = downloads;
        this.toTheEnd = toTheEnd;
        this.scope = scope;
        this.startNanos = scope.clock().nanoTime();
    }

    void start() {
        response.closeHandler(closed -> leave());
        scope.deadlines().add(this);
        untell = downloads.onChange(download -> {
            if (download.reference().equals(reference)) {
                scope.mailbox().post(this);
            }
        });
        run();
    }

    @Override
    protected void run() {
        look(false);
    }

    private void look(boolean now) {
        if (done) {
            return;
        }
        Download download = downloads.find(reference).orElse(null);
        if (download == null) {
            refuse(STOPPED); // and thrown away
            return;
        }
        switch (download.outcome()) {
            case null -> {
                if (now || (!toTheEnd && isUnderWay(download))) {
                    accept(download);
                }
            }
            case PullOutcome.Pulled _, PullOutcome.AlreadyThere _ -> accept(download);
            case PullOutcome.Cancelled _ -> refuse(STOPPED);
            case PullOutcome.Failed(PullError error, String message) -> refuse(ApiError.of(code(error), message));
        }
    }

    private static boolean isUnderWay(Download download) {
        return switch (download.progress().phase()) {
            // Of the last three the outcome is about to be told.
            case RESOLVING, CHECKING_SPACE, DONE, FAILED, CANCELLED -> false;
            case WAITING, DOWNLOADING, VERIFYING -> true;
        };
    }

    private void accept(Download download) {
        leave();
        var out = new JsonBytes(256);
        DownloadJson.answer(out, download);
        Reply.json(response, 200, id, out);
    }

    private void refuse(ApiError error) {
        leave();
        Reply.error(response, id, error);
    }

    /// Codes have the same names here as in the output of the command.
    private static ErrorCode code(PullError error) {
        return switch (error) {
            case INVALID_REFERENCE -> ErrorCode.INVALID_REFERENCE;
            case NOT_FOUND -> ErrorCode.NOT_FOUND;
            case UNAUTHORIZED -> ErrorCode.UNAUTHORIZED;
            case FORBIDDEN_ADDRESS -> ErrorCode.FORBIDDEN_ADDRESS;
            case TOO_LARGE -> ErrorCode.TOO_LARGE;
            case DIGEST_MISMATCH -> ErrorCode.DIGEST_MISMATCH;
            case INSUFFICIENT_STORAGE -> ErrorCode.INSUFFICIENT_STORAGE;
            case STORAGE_FAILED -> ErrorCode.STORAGE_FAILED;
            case STALLED -> ErrorCode.STALLED;
            case INTERRUPTED -> ErrorCode.INTERRUPTED;
            case UPSTREAM_ERROR -> ErrorCode.UPSTREAM_ERROR;
            case INVALID_MODEL -> ErrorCode.INVALID_MODEL;
        };
    }

    private void leave() {
        done = true;
        untell.run();
        scope.deadlines().remove(this);
    }

    @Override
    protected void checkDeadlines(long nowNanos) {
        if (!toTheEnd && nowNanos - startNanos > PATIENCE_NANOS) {
            look(true);
        }
    }

    @Override
    protected void shutDown() {
        if (!done) {
            refuse(ApiError.of(
                    ErrorCode.SERVER_SHUTDOWN, "The server is stopping; what came is kept, ask again later."));
        }
    }
}
