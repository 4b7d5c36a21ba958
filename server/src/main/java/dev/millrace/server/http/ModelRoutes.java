package dev.millrace.server.http;

import dev.millrace.core.error.ErrorCode;
import dev.millrace.core.id.ModelId;
import dev.millrace.core.id.RequestId;
import dev.millrace.models.download.Download;
import dev.millrace.models.lifecycle.ModelStatus;
import dev.millrace.protocol.json.JsonBytes;
import dev.millrace.protocol.openai.ApiError;
import dev.millrace.server.fleet.Upstreams;
import dev.millrace.server.models.DownloadJson;
import dev.millrace.server.models.ModelChanges;
import dev.millrace.server.models.ModelJson;
import dev.millrace.server.models.ServedModels;
import dev.millrace.server.reply.Reply;
import io.vertx.core.http.HttpServerRequest;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// `GET /v1/models`, `GET /v1/models/{id}` and `GET /models`. *Immutable.*
final class ModelRoutes {
    private static final ApiError NO_MODEL =
            new ApiError(ErrorCode.MODEL_NOT_FOUND, "No such model here; GET /v1/models lists them.", "model");

    private final ServedModels models;
    private final @Nullable ModelChanges changes;
    private final Upstreams upstreams;
    private final HttpFront front;
    private final long createdSeconds;

    /// @param changes absent if clients may not change what is on the disk
    /// @param createdSeconds the time all models show as theirs: the start of the server
    ModelRoutes(
            ServedModels models,
            @Nullable ModelChanges changes,
            Upstreams upstreams,
            HttpFront front,
            long createdSeconds) {
        this.upstreams = upstreams;
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
                DownloadJson.entry(separated(out), download, createdSeconds);
            }
        }
        Reply.json(request.response(), 200, id, out.ascii("]}"));
    }

    /// Without the end.
    private JsonBytes models() {
        var out = new JsonBytes(512).ascii("{\"object\":\"list\",\"data\":[");
        Set<String> here = new HashSet<>();
        for (ModelStatus status : models.pool().statuses()) {
            write(separated(out), status);
            here.add(status.model().value());
        }
        for (String name : new TreeSet<>(upstreams.fleet().models())) {
            if (here.add(name)) {
                ModelJson.elsewhere(separated(out), name, createdSeconds);
            }
        }
        return out;
    }

    private static JsonBytes separated(JsonBytes out) {
        return out.endsWith('[') ? out : out.ascii(",");
    }

    /// Names may hold `/`, written as it is or as `%2F`.
    void one(HttpServerRequest request, RequestId id, String tail) {
        String name = PercentDecoding.decode(tail);
        Optional<ModelId> model = name == null ? Optional.empty() : models.find(name);
        if (name != null && model.isEmpty() && upstreams.fleet().models().contains(name)) {
            var out = new JsonBytes(128);
            ModelJson.elsewhere(out, name, createdSeconds);
            Reply.json(request.response(), 200, id, out);
        } else if (model.isEmpty()) {
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
