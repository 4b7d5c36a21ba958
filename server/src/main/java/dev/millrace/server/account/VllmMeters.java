package dev.millrace.server.account;

import io.micrometer.core.instrument.Counter;
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
    private final Histogram firstToken;
    private final Histogram interToken;
    private final Histogram endToEnd;
    private final Histogram queue;
    private final Histogram prefill;
    private final Histogram decode;
    private final Histogram promptTokens;
    private final Histogram generationTokens;

    /// Meters of the same names are shared by all operations of a model.
    VllmMeters(MeterRegistry registry, Histograms histograms, String model) {
        this.registry = registry;
        this.model = model;
        promptTotal = counter("vllm:prompt_tokens");
        generationTotal = counter("vllm:generation_tokens");
        prefixQueries = counter("vllm:prefix_cache_queries");
        prefixHits = counter("vllm:prefix_cache_hits");
        firstToken = histograms.seconds("vllm:time_to_first_token_seconds", SECONDS, "model_name", model);
        interToken = histograms.seconds("vllm:inter_token_latency_seconds", SECONDS, "model_name", model);
        endToEnd = histograms.seconds("vllm:e2e_request_latency_seconds", SECONDS, "model_name", model);
        queue = histograms.seconds("vllm:request_queue_time_seconds", SECONDS, "model_name", model);
        prefill = histograms.seconds("vllm:request_prefill_time_seconds", SECONDS, "model_name", model);
        decode = histograms.seconds("vllm:request_decode_time_seconds", SECONDS, "model_name", model);
        promptTokens = histograms.counts("vllm:request_prompt_tokens", TOKENS, "model_name", model);
        generationTokens = histograms.counts("vllm:request_generation_tokens", TOKENS, "model_name", model);
    }

    Counter success(String reason) {
        return Counter.builder("vllm:request_success")
                .tag("model_name", model)
                .tag("finished_reason", reason)
                .register(registry);
    }

    /// Records what a call without an answer of tokens has: zeros would spoil the rest.
    void recordPrompt(CallSummary call) {
        promptTotal.increment(call.usage().promptTokens());
        endToEnd.record(call.totalNanos());
        queue.record(call.queueNanos() + call.timings().queueNanos());
        prefill.record(call.timings().prefillNanos());
        promptTokens.record(call.usage().promptTokens());
    }

    void record(CallSummary call) {
        recordPrompt(call);
        generationTotal.increment(call.usage().completionTokens());
        prefixQueries.increment(call.usage().promptTokens());
        prefixHits.increment(call.usage().cachedTokens());
        decode.record(call.timings().decodeNanos());
        generationTokens.record(call.usage().completionTokens());
        if (call.firstTokenNanos() > 0) {
            firstToken.record(call.firstTokenNanos());
        }
        int gaps = call.usage().completionTokens() - 1;
        if (gaps > 0) {
            interToken.record(call.timings().decodeNanos() / gaps);
        }
    }

    private Counter counter(String name) {
        return Counter.builder(name).tag("model_name", model).register(registry);
    }
}
