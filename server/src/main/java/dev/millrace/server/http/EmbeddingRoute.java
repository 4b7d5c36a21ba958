package dev.millrace.server.http;

import dev.millrace.core.error.ErrorCode;
import dev.millrace.core.id.ModelId;
import dev.millrace.core.id.RequestId;
import dev.millrace.models.lifecycle.Demand;
import dev.millrace.protocol.openai.ApiError;
import dev.millrace.protocol.openai.EmbeddingsRequest;
import dev.millrace.protocol.openai.Parsed;
import dev.millrace.protocol.openai.RelayRequest;
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
    private static final String PATH = "/embeddings";
    private static final String NO = "no";
    private static final ApiError STOPPING =
            ApiError.of(ErrorCode.SERVER_SHUTDOWN, "The server is stopping; try again later.");

    private final HttpFront front;
    private final CallScope scope;
    private final ServedModels models;
    private final BodyCollector.Limits bodyLimits;
    private final BooleanSupplier stopping;
    private final RelayRoutes relay;

    /// @param stopping true once new calls are turned away
    EmbeddingRoute(
            HttpFront front,
            CallScope scope,
            ServedModels models,
            BodyCollector.Limits bodyLimits,
            BooleanSupplier stopping,
            RelayRoutes relay) {
        this.relay = relay;
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
            if (relay.isOn() && passedOn(arrival, body)) {
                return;
            }
            switch (RequestReader.embeddings(body)) {
                case Parsed.Refused<EmbeddingsRequest>(ApiError error) -> refuse(arrival, error);
                case Parsed.Ok<EmbeddingsRequest>(EmbeddingsRequest asked) -> dispatch(arrival, asked);
            }
        } catch (RuntimeException e) {
            front.fault(arrival.request(), arrival.id(), e);
        }
    }

    /// True if an upstream answers, or nobody.
    private boolean passedOn(Arrival arrival, byte[] body) {
        switch (RequestReader.relay(body)) {
            case Parsed.Refused<RelayRequest>(ApiError error) -> refuse(arrival, error);
            case Parsed.Ok<RelayRequest>(RelayRequest asked) -> {
                if (models.find(asked.model()).isPresent()) {
                    return false;
                }
                ApiError objection = stopping.getAsBoolean() ? STOPPING : relay.objection(arrival.request(), asked);
                if (objection != null) {
                    refuse(arrival, objection);
                } else {
                    var head = new CallHead(
                            arrival.id(),
                            GenerationRoutes.client(arrival.request()),
                            Operation.EMBEDDINGS,
                            asked.model(),
                            asked.stream(),
                            arrival.nanos());
                    relay.start(
                            arrival.request(),
                            scope,
                            head,
                            asked,
                            body,
                            PATH,
                            arrival.request().response());
                }
            }
        }
        return true;
    }

    private void dispatch(Arrival arrival, EmbeddingsRequest asked) {
        Optional<ModelId> model = models.find(asked.model());
        if (stopping.getAsBoolean()) {
            refuse(arrival, STOPPING);
        } else if (model.isEmpty()) {
            refuse(arrival, RelayRoutes.missing(arrival.request()));
        } else {
            start(arrival, asked, model.get());
        }
    }

    private void start(Arrival arrival, EmbeddingsRequest asked, ModelId model) {
        var head = new CallHead(
                arrival.id(),
                GenerationRoutes.client(arrival.request()),
                Operation.EMBEDDINGS,
                model.value(),
                false,
                arrival.nanos());
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
