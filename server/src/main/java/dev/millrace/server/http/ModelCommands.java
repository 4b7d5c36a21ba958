package dev.millrace.server.http;

import dev.millrace.core.error.ErrorCode;
import dev.millrace.core.id.ModelId;
import dev.millrace.core.id.RequestId;
import dev.millrace.core.time.NanoClock;
import dev.millrace.models.lifecycle.Demand;
import dev.millrace.protocol.json.JsonBytes;
import dev.millrace.protocol.openai.ApiError;
import dev.millrace.protocol.openai.ModelCommand;
import dev.millrace.protocol.openai.Parsed;
import dev.millrace.protocol.openai.RequestReader;
import dev.millrace.server.loop.DeadlineList;
import dev.millrace.server.models.ServedModels;
import dev.millrace.server.reply.Reply;
import io.vertx.core.http.HttpServerRequest;
import java.util.Optional;
import java.util.function.BiConsumer;

/// `POST /models/load` and `/models/unload`. Both answer at once; `GET /models/sse` tells what becomes of
/// it. *Confined to its event loop.*
final class ModelCommands {
    private static final ApiError NO_MODEL =
            new ApiError(ErrorCode.MODEL_NOT_FOUND, "No such model here; GET /v1/models lists them.", "model");
    private static final long BODY_BYTES = 64 << 10;

    private final HttpFront front;
    private final ServedModels models;
    private final BodyCollector.Limits limits;
    private final NanoClock clock;
    private final DeadlineList deadlines;

    ModelCommands(HttpFront front, ServedModels models, long graceNanos, NanoClock clock, DeadlineList deadlines) {
        this.front = front;
        this.models = models;
        this.limits = new BodyCollector.Limits(BODY_BYTES, graceNanos);
        this.clock = clock;
        this.deadlines = deadlines;
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

    /// Takes a model out of memory once its running requests have ended; ends a load that is on its way.
    void unload(HttpServerRequest request, RequestId id, String tail) {
        read(request, id, (command, model) -> models.pool().unload(model));
    }

    private void read(HttpServerRequest request, RequestId id, BiConsumer<ModelCommand, ModelId> action) {
        new BodyCollector(
                        request,
                        limits,
                        clock,
                        deadlines,
                        body -> answer(request, id, RequestReader.modelCommand(body), action),
                        error -> front.refuse(request, id, error))
                .start();
    }

    private void answer(
            HttpServerRequest request,
            RequestId id,
            Parsed<ModelCommand> parsed,
            BiConsumer<ModelCommand, ModelId> action) {
        switch (parsed) {
            case Parsed.Refused<ModelCommand>(ApiError error) -> front.refuse(request, id, error);
            case Parsed.Ok<ModelCommand>(ModelCommand command) -> {
                Optional<ModelId> model = models.find(command.model());
                if (model.isEmpty()) {
                    front.refuse(request, id, NO_MODEL);
                } else {
                    action.accept(command, model.get());
                    Reply.json(request.response(), 200, id, new JsonBytes(32).ascii("{\"success\":true}"));
                }
            }
        }
    }
}
