package dev.millrace.server.http;

import dev.millrace.core.error.ErrorCode;
import dev.millrace.core.id.ModelId;
import dev.millrace.core.id.RequestId;
import dev.millrace.models.download.Download;
import dev.millrace.models.lifecycle.ModelStatus;
import dev.millrace.protocol.json.JsonBytes;
import dev.millrace.protocol.openai.ApiError;
import dev.millrace.server.models.DownloadJson;
import dev.millrace.server.models.ModelChanges;
import dev.millrace.server.models.ModelJson;
import dev.millrace.server.models.ServedModels;
import dev.millrace.server.reply.Reply;
import io.vertx.core.http.HttpServerRequest;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// `GET /v1/models`, `GET /v1/models/{id}` and `GET /models`. *Immutable.*
final class ModelRoutes {
    private static final ApiError NO_MODEL =
            new ApiError(ErrorCode.MODEL_NOT_FOUND, "No such model here; GET /v1/models lists them.", "model");

    private final ServedModels models;
    private final @Nullable ModelChanges changes;
    private final HttpFront front;
    private final long createdSeconds;

    /// @param changes absent if clients may not change what is on the disk
    /// @param createdSeconds the time all models show as theirs: the start of the server
    ModelRoutes(ServedModels models, @Nullable ModelChanges changes, HttpFront front, long createdSeconds) {
        this.models = models;
        this.changes = changes;
        this.front = front;
        this.createdSeconds = createdSeconds;
    }

    /// Those that can be used.
    void list(HttpServerRequest request, RequestId id, String tail) {
        Reply.json(request.response(), 200, id, models().ascii("]}"));
    }

    /// The same, and what is being downloaded.
    void listAll(HttpServerRequest request, RequestId id, String tail) {
        JsonBytes out = models();
        if (changes != null) {
            for (Download download : changes.downloads().unfinished()) {
                DownloadJson.entry(out.ascii(","), download, createdSeconds);
            }
        }
        Reply.json(request.response(), 200, id, out.ascii("]}"));
    }

    /// Without the end; there is always a first model.
    private JsonBytes models() {
        var out = new JsonBytes(512).ascii("{\"object\":\"list\",\"data\":[");
        String separator = "";
        for (ModelStatus status : models.pool().statuses()) {
            out.ascii(separator);
            write(out, status);
            separator = ",";
        }
        return out;
    }

    /// Names may hold `/`, written as it is or as `%2F`.
    void one(HttpServerRequest request, RequestId id, String tail) {
        String name = PercentDecoding.decode(tail);
        Optional<ModelId> model = name == null ? Optional.empty() : models.find(name);
        if (model.isEmpty()) {
            front.refuse(request, id, NO_MODEL);
        } else {
            var out = new JsonBytes(256);
            write(out, models.pool().status(model.get()));
            Reply.json(request.response(), 200, id, out);
        }
    }

    private void write(JsonBytes out, ModelStatus status) {
        ModelJson.entry(out, status, models.description(status.model()), createdSeconds);
    }
}
