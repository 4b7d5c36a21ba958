package dev.millrace.server.http;

import dev.millrace.core.error.ErrorCode;
import dev.millrace.core.id.ModelId;
import dev.millrace.core.id.RequestId;
import dev.millrace.models.download.Downloads;
import dev.millrace.models.download.PullRequest;
import dev.millrace.protocol.json.JsonBytes;
import dev.millrace.protocol.openai.ApiError;
import dev.millrace.protocol.openai.DownloadCommand;
import dev.millrace.protocol.openai.RequestReader;
import dev.millrace.server.generate.CallScope;
import dev.millrace.server.loop.LoopTask;
import dev.millrace.server.models.ModelChanges;
import dev.millrace.server.reply.Reply;
import io.vertx.core.http.HttpServerRequest;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/// `POST /models`, which downloads a model, and `DELETE /models?model=…`. *Confined to its event loop.*
final class StoreRoutes {
    private static final ApiError OFF = ApiError.of(
            ErrorCode.NOT_ALLOWED,
            "Models are not downloaded or deleted through this server; models.changes allows it.");
    private static final ApiError NO_NAME = new ApiError(
            ErrorCode.INVALID_REQUEST, "model: expected a name, as in DELETE /models?model=NAME.", "model");
    private static final ApiError BAD_NAME = new ApiError(
            ErrorCode.INVALID_REQUEST,
            "name: expected 1 to " + ModelId.MAX_LENGTH + " printable ASCII characters without blanks.",
            "name");
    private static final ApiError FULL =
            ApiError.of(ErrorCode.QUEUE_FULL, "Too many models are being downloaded; try again later.");
    private static final ApiError DIFFERS = ApiError.of(
            ErrorCode.MODEL_BUSY,
            "This is being downloaded under another name or with another digest: let it end, or DELETE it.");
    private static final String FIELD = "model=";

    private final HttpFront front;
    private final RequestBodies bodies;
    private final CallScope scope;
    private final @Nullable ModelChanges changes;

    /// @param changes absent if clients may not change what is on the disk
    StoreRoutes(HttpFront front, RequestBodies bodies, CallScope scope, @Nullable ModelChanges changes) {
        this.front = front;
        this.bodies = bodies;
        this.scope = scope;
        this.changes = changes;
    }

    /// Begins a download, or joins it.
    void download(HttpServerRequest request, RequestId id, String tail) {
        if (changes == null) {
            front.refuse(request, id, OFF);
        } else {
            Downloads downloads = changes.downloads();
            bodies.read(request, id, RequestReader::downloadCommand, command -> begin(request, id, command, downloads));
        }
    }

    private void begin(HttpServerRequest request, RequestId id, DownloadCommand command, Downloads downloads) {
        String name = command.name();
        if (name != null && !ModelId.isValid(name)) {
            front.refuse(request, id, BAD_NAME);
            return;
        }
        var asked = new PullRequest(command.model(), name == null ? null : new ModelId(name), command.sha256(), false);
        switch (downloads.start(asked)) {
            case STARTED, JOINED ->
                new PendingDownload(request.response(), id, asked.reference(), downloads, command.await(), scope)
                        .start();
            case DIFFERS -> front.refuse(request, id, DIFFERS);
            case FULL -> front.refuse(request, id, FULL);
        }
    }

    /// Removes a model, an alias or a download.
    void delete(HttpServerRequest request, RequestId id, String tail) {
        String name = name(request.query());
        if (changes == null) {
            front.refuse(request, id, OFF);
        } else if (name == null) {
            front.refuse(request, id, NO_NAME);
        } else {
            CompletableFuture<@Nullable ApiError> removal = changes.remove(name);
            var _ = removal.whenComplete((_, _) -> scope.mailbox().post(new Answer(request, id, removal)));
        }
    }

    /// Posted when the removal is over.
    private final class Answer extends LoopTask {
        private final HttpServerRequest request;
        private final RequestId id;
        private final CompletableFuture<@Nullable ApiError> removal;

        Answer(HttpServerRequest request, RequestId id, CompletableFuture<@Nullable ApiError> removal) {
            this.request = request;
            this.id = id;
            this.removal = removal;
        }

        @Override
        protected void run() {
            if (request.response().closed()) {
                return;
            }
            if (removal.isCompletedExceptionally()) {
                front.fault(request, id, new IllegalStateException("removing a model", removal.exceptionNow()));
                return;
            }
            ApiError refusal = removal.join();
            if (refusal != null) {
                front.refuse(request, id, refusal);
            } else {
                Reply.json(request.response(), 200, id, new JsonBytes(32).ascii("{\"success\":true}"));
            }
        }
    }

    /// The one field of the query, decoded; `null` if it is none, or there is something else.
    private static @Nullable String name(@Nullable String query) {
        if (query == null || !query.startsWith(FIELD) || query.indexOf('&') >= 0) {
            return null;
        }
        String name = PercentDecoding.decode(query.substring(FIELD.length()));
        return name == null || name.isEmpty() ? null : name;
    }
}
