package dev.millrace.server.account;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.MeterRegistry;

/// The names that dashboards, autoscalers and routers written for vLLM read. *Thread-safe.*
final class VllmMeters {
    private static final double[] SECONDS = {
        0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 40, 80, 160
    };
    private static final double[] TOKENS = {
        1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 20_000, 50_000, 100_000
    };

    private final MeterRegistry registry;
    private final String model;
    private final Counter promptTotal;
    private final Counter generationTotal;
    private final Counter prefixQueries;
    private final Counter prefixHits;
    private final DistributionSummary firstToken;
    private final DistributionSummary interToken;
    private final DistributionSummary endToEnd;
    private final DistributionSummary queue;
    private final DistributionSummary prefill;
    private final DistributionSummary decode;
    private final DistributionSummary promptTokens;
    private final DistributionSummary generationTokens;

    /// Meters of the same names are shared by all operations of a model.
    VllmMeters(MeterRegistry registry, String model) {
        this.registry = registry;
        this.model = model;
        promptTotal = counter("vllm:prompt_tokens");
        generationTotal = counter("vllm:generation_tokens");
        prefixQueries = counter("vllm:prefix_cache_queries");
        prefixHits = counter("vllm:prefix_cache_hits");
        firstToken = summary("vllm:time_to_first_token_seconds", SECONDS);
        interToken = summary("vllm:inter_token_latency_seconds", SECONDS);
        endToEnd = summary("vllm:e2e_request_latency_seconds", SECONDS);
        queue = summary("vllm:request_queue_time_seconds", SECONDS);
        prefill = summary("vllm:request_prefill_time_seconds", SECONDS);
        decode = summary("vllm:request_decode_time_seconds", SECONDS);
        promptTokens = summary("vllm:request_prompt_tokens", TOKENS);
        generationTokens = summary("vllm:request_generation_tokens", TOKENS);
    }

    Counter success(String reason) {
        return Counter.builder("vllm:request_success")
                .tag("model_name", model)
                .tag("finished_reason", reason)
                .register(registry);
    }

    void record(CallSummary call) {
        promptTotal.increment(call.usage().promptTokens());
        generationTotal.increment(call.usage().completionTokens());
        prefixQueries.increment(call.usage().promptTokens());
        prefixHits.increment(call.usage().cachedTokens());
        endToEnd.record(ModelMeters.seconds(call.totalNanos()));
        queue.record(ModelMeters.seconds(call.queueNanos() + call.timings().queueNanos()));
        prefill.record(ModelMeters.seconds(call.timings().prefillNanos()));
        decode.record(ModelMeters.seconds(call.timings().decodeNanos()));
        promptTokens.record(call.usage().promptTokens());
        generationTokens.record(call.usage().completionTokens());
        if (call.firstTokenNanos() > 0) {
            firstToken.record(ModelMeters.seconds(call.firstTokenNanos()));
        }
        int gaps = call.usage().completionTokens() - 1;
        if (gaps > 0) {
            interToken.record(ModelMeters.seconds(call.timings().decodeNanos()) / gaps);
        }
    }

    private Counter counter(String name) {
        return Counter.builder(name).tag("model_name", model).register(registry);
    }

    private DistributionSummary summary(String name, double... buckets) {
        return DistributionSummary.builder(name)
                .tag("model_name", model)
                .serviceLevelObjectives(buckets)
                .register(registry);
    }
}
