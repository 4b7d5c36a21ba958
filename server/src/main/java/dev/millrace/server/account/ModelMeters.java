package dev.millrace.server.account;

import static java.util.concurrent.TimeUnit.NANOSECONDS;

import dev.millrace.engine.FinishReason;
import dev.millrace.engine.Timings;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
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
    private static final double NANOS_PER_SECOND = 1e9;

    private final Timer duration;
    private final Timer firstToken;
    private final Timer perToken;
    private final DistributionSummary inputTokens;
    private final DistributionSummary outputTokens;
    private final Counter stopped;
    private final Counter lengthReached;
    private final Counter cancelled;
    private final VllmMeters vllm;

    ModelMeters(MeterRegistry registry, String model, CallSummary.Operation operation) {
        var names = new Names(registry, model, operation);
        duration = names.seconds("gen_ai.server.request.duration", DURATION);
        firstToken = names.seconds("gen_ai.server.time_to_first_token", FIRST_TOKEN);
        perToken = names.seconds("gen_ai.server.time_per_output_token", PER_TOKEN);
        inputTokens = names.tokens("input");
        outputTokens = names.tokens("output");
        vllm = new VllmMeters(registry, model);
        stopped = vllm.success("stop");
        lengthReached = vllm.success("length");
        cancelled = vllm.success("abort");
    }

    /// Records one call. A call that never reached an engine counts with its duration only.
    void record(CallSummary call) {
        duration.record(call.totalNanos(), NANOSECONDS);
        if (call.firstTokenNanos() > 0) {
            firstToken.record(call.firstTokenNanos(), NANOSECONDS);
            perToken(call);
        }
        if (call.usage().promptTokens() > 0) {
            inputTokens.record(call.usage().promptTokens());
            outputTokens.record(call.usage().completionTokens());
            vllm.record(call);
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
            perToken.record(timings.decodeNanos() / gaps, NANOSECONDS);
        }
    }

    /// Bucket bounds as durations. Sub-second values need a timer: a summary's histogram rounds what it records
    /// up to
    /// whole numbers.
    static Duration[] bounds(double... seconds) {
        return DoubleStream.of(seconds)
                .mapToObj(bound -> Duration.ofNanos(Math.round(bound * NANOS_PER_SECOND)))
                .toArray(Duration[]::new);
    }

    private static double[] doubling(double first, int count) {
        return DoubleStream.iterate(first, n -> n * 2).limit(count).toArray();
    }

    /// The labels that all meters of the GenAI conventions carry.
    private record Names(MeterRegistry registry, String model, CallSummary.Operation operation) {
        Timer seconds(String name, double... buckets) {
            return Timer.builder(name)
                    .tags(labels())
                    .serviceLevelObjectives(bounds(buckets))
                    .register(registry);
        }

        DistributionSummary tokens(String type) {
            return DistributionSummary.builder("gen_ai.client.token.usage")
                    .tags(labels())
                    .tag("gen_ai.token.type", type)
                    .serviceLevelObjectives(TOKENS)
                    .register(registry);
        }

        private Tags labels() {
            return Tags.of(
                    "gen_ai.operation.name",
                    operation.wireName(),
                    "gen_ai.provider.name",
                    "millrace",
                    "gen_ai.request.model",
                    model);
        }
    }
}
