package dev.millrace.server.account;

import static java.util.concurrent.TimeUnit.NANOSECONDS;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;

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
    private final Timer firstToken;
    private final Timer interToken;
    private final Timer endToEnd;
    private final Timer queue;
    private final Timer prefill;
    private final Timer decode;
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
        firstToken = timer("vllm:time_to_first_token_seconds");
        interToken = timer("vllm:inter_token_latency_seconds");
        endToEnd = timer("vllm:e2e_request_latency_seconds");
        queue = timer("vllm:request_queue_time_seconds");
        prefill = timer("vllm:request_prefill_time_seconds");
        decode = timer("vllm:request_decode_time_seconds");
        promptTokens = tokenSummary("vllm:request_prompt_tokens");
        generationTokens = tokenSummary("vllm:request_generation_tokens");
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
        endToEnd.record(call.totalNanos(), NANOSECONDS);
        queue.record(call.queueNanos() + call.timings().queueNanos(), NANOSECONDS);
        prefill.record(call.timings().prefillNanos(), NANOSECONDS);
        decode.record(call.timings().decodeNanos(), NANOSECONDS);
        promptTokens.record(call.usage().promptTokens());
        generationTokens.record(call.usage().completionTokens());
        if (call.firstTokenNanos() > 0) {
            firstToken.record(call.firstTokenNanos(), NANOSECONDS);
        }
        int gaps = call.usage().completionTokens() - 1;
        if (gaps > 0) {
            interToken.record(call.timings().decodeNanos() / gaps, NANOSECONDS);
        }
    }

    private Counter counter(String name) {
        return Counter.builder(name).tag("model_name", model).register(registry);
    }

    private Timer timer(String name) {
        return Timer.builder(name)
                .tag("model_name", model)
                .serviceLevelObjectives(ModelMeters.bounds(SECONDS))
                .register(registry);
    }

    private DistributionSummary tokenSummary(String name) {
        return DistributionSummary.builder(name)
                .tag("model_name", model)
                .serviceLevelObjectives(TOKENS)
                .register(registry);
    }
}
