package dev.millrace.server.http;

import dev.millrace.core.error.ErrorCode;
import dev.millrace.core.id.RequestId;
import dev.millrace.protocol.json.JsonBytes;
import dev.millrace.protocol.openai.ApiError;
import dev.millrace.server.fleet.Upstreams;
import dev.millrace.server.models.ServedModels;
import dev.millrace.server.reply.Reply;
import io.vertx.core.http.HttpServerRequest;
import java.util.function.BooleanSupplier;

/// `GET /health`, `/health/live` and `/health/ready`. *Immutable.*
final class HealthRoutes {
    private static final ApiError LOADING = ApiError.of(ErrorCode.MODEL_LOADING, "Loading model");
    private static final ApiError BROKEN =
            ApiError.of(ErrorCode.MODEL_LOAD_FAILED, "The model could not be loaded; the server's log says why.");
    private static final ApiError NOBODY =
            ApiError.of(ErrorCode.UPSTREAM_UNAVAILABLE, "No upstream is known to be well and to offer a model.");
    private static final ApiError STOPPING = ApiError.of(ErrorCode.SERVER_SHUTDOWN, "The server is stopping.");

    private final ServedModels models;
    private final Upstreams upstreams;
    private final BooleanSupplier stopping;

    /// @param stopping true from the moment the server was asked to stop
    HealthRoutes(ServedModels models, Upstreams upstreams, BooleanSupplier stopping) {
        this.models = models;
        this.upstreams = upstreams;
        this.stopping = stopping;
    }

    /// The process answers; nothing else is promised.
    void live(HttpServerRequest request, RequestId id, String tail) {
        ok(request, id);
    }

    /// The first request would be answered.
    void ready(HttpServerRequest request, RequestId id, String tail) {
        if (stopping.getAsBoolean()) {
            Reply.error(request.response(), id, STOPPING);
        } else if (models.first() == null) {
            elsewhere(request, id);
        } else if (models.isReady()) {
            ok(request, id);
        } else {
            Reply.error(request.response(), id, models.failure() == null ? LOADING : BROKEN);
        }
    }

    private void elsewhere(HttpServerRequest request, RequestId id) {
        if (upstreams.areReady()) {
            ok(request, id);
        } else {
            Reply.error(request.response(), id, NOBODY);
        }
    }

    private static void ok(HttpServerRequest request, RequestId id) {
        Reply.json(request.response(), 200, id, new JsonBytes(32).ascii("{\"status\":\"ok\"}"));
    }
}
