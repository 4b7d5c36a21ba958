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
import dev.millrace.protocol.openai.Draw;
import dev.millrace.protocol.openai.Parsed;
import dev.millrace.protocol.openai.RelayRequest;
import dev.millrace.protocol.openai.RequestFields;
import dev.millrace.protocol.openai.RequestReader;
import dev.millrace.server.account.CallSummary;
import dev.millrace.server.account.CallSummary.Operation;
import dev.millrace.server.admission.ClientKey;
import dev.millrace.server.cache.Asking;
import dev.millrace.server.cache.LoopCache;
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
import io.vertx.core.http.HttpServerResponse;
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
    private final LoopCache cache;

    /// @param stopping true once new calls are turned away
    GenerationRoutes(
            HttpFront front,
            CallScope scope,
            ServedModels models,
            BodyCollector.Limits bodyLimits,
            BooleanSupplier stopping,
            RelayRoutes relay,
            LoopCache cache,
            LoopSources sources) {
        this.relay = relay;
        this.cache = cache;
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
            if (cache.isOn() && isGivenAgain(request, arrival, reader, body)) {
                return;
            }
            if (relay.isOn() && passedOn(request, arrival, body)) {
                return;
            }
            switch (reader.apply(body)) {
                case Parsed.Refused<Asked>(ApiError error) ->
                    refuse(request, arrival, CallSummary.UNKNOWN_MODEL, error);
                case Parsed.Ok<Asked>(Asked asked) -> dispatch(request, arrival, asked, body);
            }
        } catch (RuntimeException e) {
            front.fault(request, arrival.id(), e);
        }
    }

    /// True if these very bytes were read before and have a stored answer.
    private boolean isGivenAgain(
            HttpServerRequest request, Arrival arrival, Function<byte[], Parsed<Asked>> reader, byte[] body) {
        if (stopping.getAsBoolean()) {
            return false;
        }
        var unread = new CallHead(
                arrival.id(), client(request), arrival.operation(), CallSummary.UNKNOWN_MODEL, false, arrival.nanos());
        return cache.answersKnown(
                request,
                unread,
                body,
                (calls, head, response) -> renew(request, arrival, reader, body, new Running(calls, head, response)));
    }

    /// Where a call runs and what it answers to.
    private record Running(CallScope calls, CallHead head, HttpServerResponse response) {}

    /// Reads a body once more and begins its call.
    private void renew(
            HttpServerRequest request,
            Arrival arrival,
            Function<byte[], Parsed<Asked>> reader,
            byte[] body,
            Running running) {
        Optional<ModelId> here = models.find(running.head().model());
        if (here.isPresent() && reader.apply(body) instanceof Parsed.Ok<Asked>(Asked asked)) {
            start(request, asked, running);
        } else if (here.isEmpty() && RequestReader.relay(body) instanceof Parsed.Ok<RelayRequest>(RelayRequest asked)) {
            relay.start(request, running.calls(), running.head(), asked, body, arrival.path(), running.response());
        } else {
            throw new IllegalStateException("a body that was sound is not any more");
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
                    cache.serve(
                            new Asking(request, head, asked.model(), body, asked.draw()),
                            (calls, own, response) ->
                                    relay.start(request, calls, own, asked, body, arrival.path(), response));
                }
            }
        }
        return true;
    }

    private void dispatch(HttpServerRequest request, Arrival arrival, Asked asked, byte[] body) {
        Optional<ModelId> model = models.find(asked.fields().model());
        if (stopping.getAsBoolean()) {
            refuse(request, arrival, CallSummary.UNKNOWN_MODEL, STOPPING);
        } else if (model.isEmpty()) {
            refuse(request, arrival, CallSummary.UNKNOWN_MODEL, RelayRoutes.missing(request));
        } else {
            RequestFields fields = asked.fields();
            var head = new CallHead(
                    arrival.id(),
                    client(request),
                    arrival.operation(),
                    model.get().value(),
                    fields.stream(),
                    arrival.nanos());
            cache.serve(
                    new Asking(request, head, fields.model(), body, draw(fields.sampling())),
                    (calls, own, response) -> start(request, asked, new Running(calls, own, response)));
        }
    }

    private static Draw draw(RequestFields.SamplingFields fields) {
        Double temperature = fields.temperature();
        Draw.Given given = temperature == null ? Draw.Given.NOT : temperature == 0 ? Draw.Given.ZERO : Draw.Given.OTHER;
        return new Draw(given, fields.seed() != null, 1);
    }

    private void start(HttpServerRequest request, Asked asked, Running running) {
        RequestFields fields = asked.fields();
        CallHead head = running.head();
        boolean logprobs = fields.logprobs() != RequestFields.NO_LOGPROBS;
        boolean usageEvent = fields.stream() && fields.includeUsage();
        long createdSeconds = wallClock.millis() / 1000;
        var answerHead = new AnswerHead(head.id().value(), createdSeconds, head.model(), usageEvent, logprobs);
        AnswerWriter writer = switch (head.operation()) {
            case CHAT -> AnswerWriter.chat(answerHead);
            case TEXT_COMPLETION -> AnswerWriter.completion(answerHead);
            case EMBEDDINGS -> throw new IllegalStateException("embeddings have a route of their own");
        };
        var plan = new AnswerPlan(writer, usageEvent, logprobs);
        boolean mayWait = !NO.equals(request.headers().get(HeaderNames.MODEL_WAIT));
        Demand demand = new Demand(fields.keepAlive(), models.loadOnDemand(), mayWait);
        GenerationRequest generation = withId(asked.generation(), head.id());
        new GenerationCall(running.calls(), head, demand, generation, plan, running.response()).start();
    }

    /// An answer that is computed once more has an id of its own.
    private static GenerationRequest withId(GenerationRequest asked, RequestId id) {
        return asked.id().equals(id)
                ? asked
                : new GenerationRequest(
                        id,
                        asked.prompt(),
                        asked.maxTokens(),
                        asked.stopping(),
                        asked.sampling(),
                        asked.share(),
                        asked.repeatable());
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
