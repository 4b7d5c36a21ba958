package dev.millrace.server.http;

import dev.millrace.core.error.ErrorCode;
import dev.millrace.core.id.ModelId;
import dev.millrace.core.id.RequestId;
import dev.millrace.engine.GenerationRequest;
import dev.millrace.models.lifecycle.Demand;
import dev.millrace.protocol.openai.AnswerHead;
import dev.millrace.protocol.openai.AnswerWriter;
import dev.millrace.protocol.openai.ApiError;
import dev.millrace.protocol.openai.ChatRequest;
import dev.millrace.protocol.openai.CompletionRequest;
import dev.millrace.protocol.openai.Parsed;
import dev.millrace.protocol.openai.RelayRequest;
import dev.millrace.protocol.openai.RequestFields;
import dev.millrace.protocol.openai.RequestReader;
import dev.millrace.server.account.CallSummary;
import dev.millrace.server.account.CallSummary.Operation;
import dev.millrace.server.admission.ClientKey;
import dev.millrace.server.generate.AnswerPlan;
import dev.millrace.server.generate.CallHead;
import dev.millrace.server.generate.CallScope;
import dev.millrace.server.generate.GenerationCall;
import dev.millrace.server.models.ServedModels;
import dev.millrace.server.reply.HeaderNames;
import dev.millrace.server.reply.Status;
import dev.millrace.server.translate.OpenAiTranslator;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import java.time.InstantSource;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import java.util.random.RandomGenerator;

/// `POST /v1/chat/completions` and `POST /v1/completions`: from the body to a running call. *Confined to its event
/// loop.*
final class GenerationRoutes {
    private static final String NO = "no";
    private static final String CHAT_PATH = "/chat/completions";
    private static final String COMPLETION_PATH = "/completions";
    private static final ApiError STOPPING =
            ApiError.of(ErrorCode.SERVER_SHUTDOWN, "The server is stopping; try again later.");

    private final HttpFront front;
    private final CallScope scope;
    private final ServedModels models;
    private final BodyCollector.Limits bodyLimits;
    private final BooleanSupplier stopping;
    private final InstantSource wallClock;
    private final RandomGenerator seeds;
    private final RelayRoutes relay;

    /// @param stopping true once new calls are turned away
    GenerationRoutes(
            HttpFront front,
            CallScope scope,
            ServedModels models,
            BodyCollector.Limits bodyLimits,
            BooleanSupplier stopping,
            RelayRoutes relay,
            LoopSources sources) {
        this.relay = relay;
        this.front = front;
        this.scope = scope;
        this.models = models;
        this.bodyLimits = bodyLimits;
        this.stopping = stopping;
        this.wallClock = sources.wallClock();
        this.seeds = sources.random();
    }

    void chat(HttpServerRequest request, RequestId id, String tail) {
        collect(request, id, Operation.CHAT, CHAT_PATH, body -> switch (RequestReader.chat(body)) {
            case Parsed.Refused<ChatRequest>(ApiError error) -> new Parsed.Refused<>(error);
            case Parsed.Ok<ChatRequest>(ChatRequest chat) ->
                new Parsed.Ok<>(new Asked(chat.fields(), OpenAiTranslator.chat(id, chat, seeds.nextLong())));
        });
    }

    void completion(HttpServerRequest request, RequestId id, String tail) {
        collect(request, id, Operation.TEXT_COMPLETION, COMPLETION_PATH, body -> switch (RequestReader.completion(
                body)) {
            case Parsed.Refused<CompletionRequest>(ApiError error) -> new Parsed.Refused<>(error);
            case Parsed.Ok<CompletionRequest>(CompletionRequest completion) ->
                new Parsed.Ok<>(
                        new Asked(completion.fields(), OpenAiTranslator.completion(id, completion, seeds.nextLong())));
        });
    }

    /// A request in the engine's terms, with what the answer's form needs of the dialect's.
    private record Asked(RequestFields fields, GenerationRequest generation) {}

    private void collect(
            HttpServerRequest request,
            RequestId id,
            Operation operation,
            String path,
            Function<byte[], Parsed<Asked>> reader) {
        var arrival = new Arrival(id, operation, path, scope.clock().nanoTime());
        var collector = new BodyCollector(
                request,
                bodyLimits,
                scope.clock(),
                scope.deadlines(),
                body -> answer(request, arrival, reader, body),
                error -> refuse(request, arrival, CallSummary.UNKNOWN_MODEL, error));
        collector.start();
    }

    /// @param path behind an upstream's own, should one answer
    private record Arrival(RequestId id, Operation operation, String path, long nanos) {}

    private void answer(
            HttpServerRequest request, Arrival arrival, Function<byte[], Parsed<Asked>> reader, byte[] body) {
        try {
            if (relay.isOn() && passedOn(request, arrival, body)) {
                return;
            }
            switch (reader.apply(body)) {
                case Parsed.Refused<Asked>(ApiError error) ->
                    refuse(request, arrival, CallSummary.UNKNOWN_MODEL, error);
                case Parsed.Ok<Asked>(Asked asked) -> dispatch(request, arrival, asked);
            }
        } catch (RuntimeException e) {
            front.fault(request, arrival.id(), e);
        }
    }

    /// True if an upstream answers, or nobody.
    private boolean passedOn(HttpServerRequest request, Arrival arrival, byte[] body) {
        switch (RequestReader.relay(body)) {
            case Parsed.Refused<RelayRequest>(ApiError error) ->
                refuse(request, arrival, CallSummary.UNKNOWN_MODEL, error);
            case Parsed.Ok<RelayRequest>(RelayRequest asked) -> {
                if (models.find(asked.model()).isPresent()) {
                    return false; // what runs here is nearer than any upstream
                }
                ApiError objection = stopping.getAsBoolean() ? STOPPING : relay.objection(request, asked);
                if (objection != null) {
                    refuse(request, arrival, CallSummary.UNKNOWN_MODEL, objection);
                } else {
                    var head = new CallHead(
                            arrival.id(),
                            client(request),
                            arrival.operation(),
                            asked.model(),
                            asked.stream(),
                            arrival.nanos());
                    relay.start(request, head, asked, body, arrival.path());
                }
            }
        }
        return true;
    }

    private void dispatch(HttpServerRequest request, Arrival arrival, Asked asked) {
        Optional<ModelId> model = models.find(asked.fields().model());
        if (stopping.getAsBoolean()) {
            refuse(request, arrival, CallSummary.UNKNOWN_MODEL, STOPPING);
        } else if (model.isEmpty()) {
            refuse(request, arrival, CallSummary.UNKNOWN_MODEL, RelayRoutes.missing(request));
        } else {
            start(request, arrival, asked, model.get());
        }
    }

    private void start(HttpServerRequest request, Arrival arrival, Asked asked, ModelId model) {
        RequestFields fields = asked.fields();
        String name = model.value();
        boolean logprobs = fields.logprobs() != RequestFields.NO_LOGPROBS;
        boolean usageEvent = fields.stream() && fields.includeUsage();
        long createdSeconds = wallClock.millis() / 1000;
        var answerHead = new AnswerHead(arrival.id().value(), createdSeconds, name, usageEvent, logprobs);
        AnswerWriter writer = switch (arrival.operation()) {
            case CHAT -> AnswerWriter.chat(answerHead);
            case TEXT_COMPLETION -> AnswerWriter.completion(answerHead);
            case EMBEDDINGS -> throw new IllegalStateException("embeddings have a route of their own");
        };
        var head = new CallHead(
                arrival.id(), client(request), arrival.operation(), name, fields.stream(), arrival.nanos());
        var plan = new AnswerPlan(writer, usageEvent, logprobs);
        boolean mayWait = !NO.equals(request.headers().get(HeaderNames.MODEL_WAIT));
        Demand demand = new Demand(fields.keepAlive(), models.loadOnDemand(), mayWait);
        new GenerationCall(scope, head, demand, asked.generation(), plan, request.response()).start();
    }

    /// On whose account a request goes.
    static String client(HttpServerRequest request) {
        return ClientKey.of(request.headers().get(HttpHeaders.AUTHORIZATION));
    }

    private void refuse(HttpServerRequest request, Arrival arrival, String model, ApiError error) {
        front.refuse(request, arrival.id(), error);
        long nanos = scope.clock().nanoTime() - arrival.nanos();
        scope.sink()
                .ended(CallSummary.refused(
                        arrival.id(), arrival.operation(), model, Status.of(error.code()), error.code(), nanos));
    }
}
