package dev.millrace.server.http;

import dev.millrace.core.error.ErrorCode;
import dev.millrace.core.id.ModelId;
import dev.millrace.core.id.RequestId;
import dev.millrace.models.lifecycle.Demand;
import dev.millrace.protocol.openai.ApiError;
import dev.millrace.protocol.openai.EmbeddingsRequest;
import dev.millrace.protocol.openai.Parsed;
import dev.millrace.protocol.openai.RequestReader;
import dev.millrace.server.account.CallSummary;
import dev.millrace.server.account.CallSummary.Operation;
import dev.millrace.server.generate.CallHead;
import dev.millrace.server.generate.CallScope;
import dev.millrace.server.generate.EmbeddingCall;
import dev.millrace.server.models.ServedModels;
import dev.millrace.server.reply.HeaderNames;
import dev.millrace.server.reply.Status;
import dev.millrace.server.translate.EmbeddingTranslator;
import io.vertx.core.http.HttpServerRequest;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/// `POST /v1/embeddings`: from the body to a running call. *Confined to its event loop.*
final class EmbeddingRoute {
    private static final ApiError NO_MODEL =
            new ApiError(ErrorCode.MODEL_NOT_FOUND, "No such model here; GET /v1/models lists them.", "model");
    private static final String NO = "no";
    private static final ApiError STOPPING =
            ApiError.of(ErrorCode.SERVER_SHUTDOWN, "The server is stopping; try again later.");

    private final HttpFront front;
    private final CallScope scope;
    private final ServedModels models;
    private final BodyCollector.Limits bodyLimits;
    private final BooleanSupplier stopping;

    /// @param stopping true once new calls are turned away
    EmbeddingRoute(
            HttpFront front,
            CallScope scope,
            ServedModels models,
            BodyCollector.Limits bodyLimits,
            BooleanSupplier stopping) {
        this.front = front;
        this.scope = scope;
        this.models = models;
        this.bodyLimits = bodyLimits;
        this.stopping = stopping;
    }

    private record Arrival(HttpServerRequest request, RequestId id, long nanos) {}

    void answer(HttpServerRequest request, RequestId id, String tail) {
        var arrival = new Arrival(request, id, scope.clock().nanoTime());
        new BodyCollector(
                        request,
                        bodyLimits,
                        scope.clock(),
                        scope.deadlines(),
                        body -> read(arrival, body),
                        error -> refuse(arrival, error))
                .start();
    }

    private void read(Arrival arrival, byte[] body) {
        try {
            switch (RequestReader.embeddings(body)) {
                case Parsed.Refused<EmbeddingsRequest>(ApiError error) -> refuse(arrival, error);
                case Parsed.Ok<EmbeddingsRequest>(EmbeddingsRequest asked) -> dispatch(arrival, asked);
            }
        } catch (RuntimeException e) {
            front.fault(arrival.request(), arrival.id(), e);
        }
    }

    private void dispatch(Arrival arrival, EmbeddingsRequest asked) {
        Optional<ModelId> model = models.find(asked.model());
        if (stopping.getAsBoolean()) {
            refuse(arrival, STOPPING);
        } else if (model.isEmpty()) {
            refuse(arrival, NO_MODEL);
        } else {
            start(arrival, asked, model.get());
        }
    }

    private void start(Arrival arrival, EmbeddingsRequest asked, ModelId model) {
        var head = new CallHead(arrival.id(), Operation.EMBEDDINGS, model.value(), false, arrival.nanos());
        boolean mayWait = !NO.equals(arrival.request().headers().get(HeaderNames.MODEL_WAIT));
        Demand demand = new Demand(asked.keepAlive(), models.loadOnDemand(), mayWait);
        var request = EmbeddingTranslator.request(arrival.id(), asked);
        new EmbeddingCall(
                        scope,
                        head,
                        demand,
                        request,
                        asked.encoding(),
                        arrival.request().response())
                .start();
    }

    private void refuse(Arrival arrival, ApiError error) {
        front.refuse(arrival.request(), arrival.id(), error);
        scope.sink()
                .ended(CallSummary.refused(
                        arrival.id(),
                        Operation.EMBEDDINGS,
                        CallSummary.UNKNOWN_MODEL,
                        Status.of(error.code()),
                        error.code(),
                        scope.clock().nanoTime() - arrival.nanos()));
    }
}
