package dev.millrace.server.http;

import dev.millrace.core.error.ErrorCode;
import dev.millrace.core.id.ModelId;
import dev.millrace.core.id.RequestId;
import dev.millrace.models.lifecycle.Demand;
import dev.millrace.protocol.json.JsonBytes;
import dev.millrace.protocol.openai.ApiError;
import dev.millrace.protocol.openai.ModelCommand;
import dev.millrace.protocol.openai.RequestReader;
import dev.millrace.server.models.ModelChanges;
import dev.millrace.server.models.ServedModels;
import dev.millrace.server.reply.Reply;
import io.vertx.core.http.HttpServerRequest;
import java.util.Optional;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/// `POST /models/load` and `/models/unload`. Both answer at once; `GET /models/sse` tells what becomes of
/// it. *Confined to its event loop.*
final class ModelCommands {
    private static final ApiError NO_MODEL =
            new ApiError(ErrorCode.MODEL_NOT_FOUND, "No such model here; GET /v1/models lists them.", "model");

    private final HttpFront front;
    private final ServedModels models;
    private final RequestBodies bodies;
    private final @Nullable ModelChanges changes;

    /// @param changes absent if clients may not change what is on the disk
    ModelCommands(HttpFront front, ServedModels models, RequestBodies bodies, @Nullable ModelChanges changes) {
        this.front = front;
        this.models = models;
        this.bodies = bodies;
        this.changes = changes;
    }

    /// Loads a model, or keeps a loaded one longer.
    void load(HttpServerRequest request, RequestId id, String tail) {
        read(request, id, (command, model) -> {
            if (command.pin() != null) {
                if (command.pin()) {
                    models.pool().pin(model);
                } else {
                    models.pool().unpin(model);
                }
            }
            models.pool().load(model, new Demand(command.keepAlive(), true, true));
        });
    }

    /// Takes a model out of memory once its running requests have ended; ends a load that is on its way,
    /// and a download.
    void unload(HttpServerRequest request, RequestId id, String tail) {
        bodies.read(request, id, RequestReader::modelCommand, command -> {
            if (changes != null && changes.downloads().stop(command.model())) {
                done(request, id);
            } else {
                act(request, id, command, (_, model) -> models.pool().unload(model));
            }
        });
    }

    private void read(HttpServerRequest request, RequestId id, BiConsumer<ModelCommand, ModelId> action) {
        bodies.read(request, id, RequestReader::modelCommand, command -> act(request, id, command, action));
    }

    private void act(
            HttpServerRequest request, RequestId id, ModelCommand command, BiConsumer<ModelCommand, ModelId> action) {
        Optional<ModelId> model = models.find(command.model());
        if (model.isEmpty()) {
            front.refuse(request, id, NO_MODEL);
        } else {
            action.accept(command, model.get());
            done(request, id);
        }
    }

    private static void done(HttpServerRequest request, RequestId id) {
        Reply.json(request.response(), 200, id, new JsonBytes(32).ascii("{\"success\":true}"));
    }
}
