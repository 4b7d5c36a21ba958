package dev.millrace.server.http;

import dev.millrace.core.error.ErrorCode;
import dev.millrace.core.id.ModelId;
import dev.millrace.core.id.RequestId;
import dev.millrace.engine.Engine;
import dev.millrace.engine.ModelDescription;
import dev.millrace.protocol.json.JsonBytes;
import dev.millrace.protocol.openai.ApiError;
import dev.millrace.server.models.EngineRegistry;
import dev.millrace.server.models.ModelState;
import dev.millrace.server.reply.Reply;
import io.vertx.core.http.HttpServerRequest;

/// `GET /v1/models` and `GET /v1/models/{id}`. *Immutable.*
final class ModelRoutes {
    private static final ApiError NO_MODEL =
            new ApiError(ErrorCode.MODEL_NOT_FOUND, "No such model here; GET /v1/models lists them.", "model");

    private final EngineRegistry registry;
    private final HttpFront front;
    private final long createdSeconds;

    /// @param createdSeconds the time all models show as theirs: the start of the server
    ModelRoutes(EngineRegistry registry, HttpFront front, long createdSeconds) {
        this.registry = registry;
        this.front = front;
        this.createdSeconds = createdSeconds;
    }

    void list(HttpServerRequest request, RequestId id, String tail) {
        var out = new JsonBytes(512).ascii("{\"object\":\"list\",\"data\":[");
        String separator = "";
        for (ModelId name : registry.names()) {
            out.ascii(separator);
            write(out, name.value(), registry.find(name.value()));
            separator = ",";
        }
        Reply.json(request.response(), 200, id, out.ascii("]}"));
    }

    /// Names may hold `/`, written as it is or as `%2F`.
    void one(HttpServerRequest request, RequestId id, String tail) {
        String name = PercentDecoding.decode(tail);
        ModelState state = name == null ? null : registry.find(name);
        if (name == null || state == null) {
            front.refuse(request, id, NO_MODEL);
        } else {
            var out = new JsonBytes(256);
            write(out, name, state);
            Reply.json(request.response(), 200, id, out);
        }
    }

    private void write(JsonBytes out, String name, @org.jspecify.annotations.Nullable ModelState state) {
        out.ascii("{\"id\":").string(name);
        out.ascii(",\"object\":\"model\",\"created\":").number(createdSeconds);
        out.ascii(",\"owned_by\":\"millrace\",\"status\":");
        switch (state) {
            case ModelState.Loading(float progress) ->
                out.ascii("{\"value\":\"loading\",\"progress\":")
                        .thousandths(Math.round(progress * 1000))
                        .ascii("}");
            case ModelState.Failed ignored -> out.ascii("{\"value\":\"failed\"}");
            case ModelState.Ready(Engine engine) -> {
                out.ascii("{\"value\":\"loaded\"}");
                meta(out, engine.model());
            }
            case null -> out.ascii("null");
        }
        out.ascii("}");
    }

    private static void meta(JsonBytes out, ModelDescription model) {
        out.ascii(",\"meta\":{\"engine\":").string(model.engine());
        out.ascii(",\"n_ctx\":").number(model.contextTokens());
        out.ascii(",\"n_params\":").number(model.parameters());
        out.ascii(",\"size\":").number(model.sizeBytes());
        out.ascii(",\"simulated\":").ascii(Boolean.toString(model.simulated())).ascii("}");
    }
}
