package dev.millrace.server.account;

import dev.millrace.engine.FinishReason;
import dev.millrace.engine.Timings;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.stream.DoubleStream;

/// The meters of one model and operation. *Thread-safe.*
final class ModelMeters {
    private static final double[] DURATION = doubling(0.01, 14);
    private static final double[] FIRST_TOKEN = {
        0.001, 0.005, 0.01, 0.02, 0.04, 0.06, 0.08, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10
    };
    private static final double[] PER_TOKEN = {
        0.001, 0.002, 0.004, 0.008, 0.01, 0.025, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.75, 1, 2.5
    };
    private static final double[] TOKENS =
            DoubleStream.iterate(1, n -> n * 4).limit(14).toArray();

    private final Histogram duration;
    private final Histogram firstToken;
    private final Histogram perToken;
    private final Histogram inputTokens;
    private final Histogram outputTokens;
    private final Counter stopped;
    private final Counter lengthReached;
    private final Counter cancelled;
    private final VllmMeters vllm;

    ModelMeters(MeterRegistry registry, Histograms histograms, String model, CallSummary.Operation operation) {
        var names = new Names(histograms, model, operation);
        duration = names.seconds("gen_ai_server_request_duration_seconds", DURATION);
        firstToken = names.seconds("gen_ai_server_time_to_first_token_seconds", FIRST_TOKEN);
        perToken = names.seconds("gen_ai_server_time_per_output_token_seconds", PER_TOKEN);
        inputTokens = names.tokens("input");
        outputTokens = names.tokens("output");
        vllm = new VllmMeters(registry, histograms, model);
        stopped = vllm.success("stop");
        lengthReached = vllm.success("length");
        cancelled = vllm.success("abort");
    }

    /// Records one call. A call that never reached an engine counts with its duration only.
    void record(CallSummary call) {
        duration.record(call.totalNanos());
        if (call.firstTokenNanos() > 0) {
            firstToken.record(call.firstTokenNanos());
            perToken(call);
        }
        // What the cache gave again cost no engine anything: it would look like throughput.
        if (call.usage().promptTokens() > 0 && !call.cache().isGiven()) {
            inputTokens.record(call.usage().promptTokens());
            if (call.operation().generates()) {
                outputTokens.record(call.usage().completionTokens());
                vllm.record(call);
            } else {
                vllm.recordPrompt(call);
            }
        }
        if (call.finish() != null) {
            success(call.finish()).increment();
        }
    }

    private Counter success(FinishReason reason) {
        return switch (reason) {
            case STOP -> stopped;
            case LENGTH -> lengthReached;
            case CANCELLED -> cancelled;
        };
    }

    private void perToken(CallSummary call) {
        int gaps = call.usage().completionTokens() - 1;
        Timings timings = call.timings();
        if (gaps > 0) {
            perToken.record(timings.decodeNanos() / gaps);
        }
    }

    private static double[] doubling(double first, int count) {
        return DoubleStream.iterate(first, n -> n * 2).limit(count).toArray();
    }

    /// The labels that all meters of the GenAI conventions carry.
    private record Names(Histograms histograms, String model, CallSummary.Operation operation) {
        Histogram seconds(String name, double... bounds) {
            return histograms.seconds(
                    name,
                    bounds,
                    "gen_ai_operation_name",
                    operation.wireName(),
                    "gen_ai_provider_name",
                    "millrace",
                    "gen_ai_request_model",
                    model);
        }

        Histogram tokens(String type) {
            return histograms.counts(
                    "gen_ai_client_token_usage",
                    TOKENS,
                    "gen_ai_operation_name",
                    operation.wireName(),
                    "gen_ai_provider_name",
                    "millrace",
                    "gen_ai_request_model",
                    model,
                    "gen_ai_token_type",
                    type);
        }
    }
}
