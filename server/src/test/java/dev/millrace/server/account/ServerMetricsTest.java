package dev.millrace.server.account;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.core.error.ErrorCode;
import dev.millrace.core.id.ModelId;
import dev.millrace.core.id.RequestId;
import dev.millrace.engine.FinishReason;
import dev.millrace.engine.Timings;
import dev.millrace.engine.Usage;
import dev.millrace.server.account.CallSummary.Operation;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ServerMetricsTest {
    private static final CallSummary CALL = new CallSummary(
            new RequestId("a"),
            Operation.CHAT,
            "m",
            true,
            200,
            null,
            FinishReason.STOP,
            new Usage(10, 4, 5),
            new Timings(1_000_000, 20_000_000, 80_000_000),
            2_000_000,
            23_000_000,
            103_000_000);

    private final ServerMetrics metrics = new ServerMetrics(List.of(new ModelId("m")));

    @Test
    void embeddingsCountTheirPromptsAndNothingOfAnswersTheyDoNotMake() {
        metrics.ended(new CallSummary(
                new RequestId("e"),
                Operation.EMBEDDINGS,
                "m",
                false,
                200,
                null,
                null,
                new Usage(10, 0, 0),
                new Timings(1_000_000, 20_000_000, 0),
                2_000_000,
                0,
                23_000_000));

        assertThat(metrics.text())
                .contains(
                        "gen_ai_client_token_usage_sum{gen_ai_operation_name=\"embeddings\",gen_ai_provider_name=\"millrace\",gen_ai_request_model=\"m\",gen_ai_token_type=\"input\"} 10.0",
                        "vllm:prompt_tokens_total{model_name=\"m\"} 10.0",
                        "vllm:e2e_request_latency_seconds_sum{model_name=\"m\"} 0.023",
                        "vllm:request_generation_tokens_count{model_name=\"m\"} 0",
                        "vllm:request_decode_time_seconds_count{model_name=\"m\"} 0");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "gen_ai_server_request_duration_seconds_bucket{gen_ai_operation_name=\"chat\",gen_ai_provider_name=\"millrace\",gen_ai_request_model=\"m\",le=\"0.16\"} 1",
                "gen_ai_server_time_to_first_token_seconds_sum{gen_ai_operation_name=\"chat\",gen_ai_provider_name=\"millrace\",gen_ai_request_model=\"m\"} 0.023",
                "gen_ai_server_time_per_output_token_seconds_sum{gen_ai_operation_name=\"chat\",gen_ai_provider_name=\"millrace\",gen_ai_request_model=\"m\"} 0.02",
                "gen_ai_client_token_usage_sum{gen_ai_operation_name=\"chat\",gen_ai_provider_name=\"millrace\",gen_ai_request_model=\"m\",gen_ai_token_type=\"output\"} 5.0",
                "gen_ai_server_request_duration_seconds_bucket{gen_ai_operation_name=\"chat\",gen_ai_provider_name=\"millrace\",gen_ai_request_model=\"m\",le=\"0.08\"} 0",
                "vllm:time_to_first_token_seconds_bucket{model_name=\"m\",le=\"0.01\"} 0",
                "vllm:time_to_first_token_seconds_bucket{model_name=\"m\",le=\"0.025\"} 1",
                "vllm:prompt_tokens_total{model_name=\"m\"} 10.0",
                "vllm:generation_tokens_total{model_name=\"m\"} 5.0",
                "vllm:prefix_cache_queries_total{model_name=\"m\"} 10.0",
                "vllm:prefix_cache_hits_total{model_name=\"m\"} 4.0",
                "vllm:request_success_total{finished_reason=\"stop\",model_name=\"m\"} 1.0",
                "vllm:time_to_first_token_seconds_count{model_name=\"m\"} 1",
                "vllm:inter_token_latency_seconds_sum{model_name=\"m\"} 0.02",
                "vllm:e2e_request_latency_seconds_sum{model_name=\"m\"} 0.103",
                "vllm:request_queue_time_seconds_sum{model_name=\"m\"} 0.003",
                "vllm:request_prefill_time_seconds_sum{model_name=\"m\"} 0.02",
                "vllm:request_decode_time_seconds_sum{model_name=\"m\"} 0.08",
                "vllm:request_prompt_tokens_sum{model_name=\"m\"} 10.0",
                "vllm:request_generation_tokens_sum{model_name=\"m\"} 5.0",
                "vllm:num_requests_running{model_name=\"m\"} 3.0"
            })
    void namesAndValuesAreWhatDashboardsRead(String line) {
        metrics.gauge("vllm:num_requests_running", "m", 3, Integer::doubleValue);

        metrics.ended(CALL);

        assertThat(metrics.text().lines()).contains(line);
    }

    @Test
    void failuresAreCountedByTheirCode() {
        metrics.ended(CallSummary.refused(
                new RequestId("a"), Operation.CHAT, CallSummary.UNKNOWN_MODEL, 404, ErrorCode.MODEL_NOT_FOUND, 5));

        assertThat(metrics.text().lines())
                .contains("millrace_requests_failed_total{error_type=\"model_not_found\"} 1.0")
                .noneMatch(line -> line.startsWith("vllm:prompt_tokens_total") && line.endsWith(" 1.0"));
    }

    @Test
    void logLineHoldsNothingAClientWrote() {
        assertThat(RequestLine.of(CALL))
                .isEqualTo("event=request id=a op=chat model=m stream=true status=200 finish=stop prompt_tokens=10"
                        + " cached_tokens=4 completion_tokens=5 queue_ms=3.000 ttft_ms=23.000 total_ms=103.000");
    }
}
