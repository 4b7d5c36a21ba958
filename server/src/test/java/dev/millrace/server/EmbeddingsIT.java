package dev.millrace.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import dev.millrace.core.ByteSize;
import dev.millrace.core.error.ErrorCode;
import dev.millrace.core.id.ModelId;
import dev.millrace.core.time.NanoClock;
import dev.millrace.engine.EmbeddingEvent;
import dev.millrace.engine.EmbeddingRequest;
import dev.millrace.engine.Prompt;
import dev.millrace.engine.simulated.TimedEngine;
import dev.millrace.server.config.LimitsConfig;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

/// `POST /v1/embeddings`, from the socket to an engine and back.
class EmbeddingsIT {
    private static final LimitsConfig ONE_PLACE = new LimitsConfig(1, 5, Duration.ofSeconds(30), ByteSize.mebibytes(8));

    @Test
    void answerHasTheVectorsInOrderAndTheTokensOfAllInputs() throws Exception {
        var engine = new FakeEngine("fake");
        try (var server = TestServer.with(engine);
                var client = new RawClient(server.port())) {
            client.send(post("{\"model\":\"fake\",\"input\":[\"a\",\"b\"],\"dimensions\":2,\"user\":\"u\"}"));
            FakeEngine.Vectors vectors = engine.nextEmbedding();
            vectors.event(new EmbeddingEvent.Started(7))
                    .vector(1, 0)
                    .vector(0.6f, -0.8f)
                    .finished();

            assertThat(vectors.request().dimensions()).isEqualTo(2);
            assertThat(vectors.request().inputs()).containsExactly(new Prompt.Text("a"), new Prompt.Text("b"));
            assertThat(client.readUntil("}}"))
                    .startsWith("HTTP/1.1 200 OK")
                    .contains("content-type: application/json", "x-request-id: ", "x-millrace-queue-ms: ")
                    .endsWith("{\"object\":\"list\",\"data\":["
                            + "{\"object\":\"embedding\",\"index\":0,\"embedding\":[1.0,0.0]},"
                            + "{\"object\":\"embedding\",\"index\":1,\"embedding\":[0.6,-0.8]}],"
                            + "\"model\":\"fake\",\"usage\":{\"prompt_tokens\":7,\"total_tokens\":7}}");
        }
    }

    @Test
    void everyFormOfTheInputIsAnsweredAndBase64HoldsTheSameNumbers() throws Exception {
        try (var server = TestServer.with(simulated())) {
            for (String input : List.of("\"a b\"", "[\"a b\"]", "[5,6]", "[[5,6]]")) {
                float[] numbers = numbers(ask(server, input, "float")).getFirst();
                float[] decoded = decoded(ask(server, input, "base64"));

                assertThat(decoded).containsExactly(numbers).hasSize(64);
                assertThat(length(numbers)).isCloseTo(1, within(1e-5));
            }
        }
    }

    @Test
    void answerLargerThanAnyBufferArrivesWhole() throws Exception {
        String inputs = "[" + String.join(",", Collections.nCopies(EmbeddingRequest.MAX_INPUTS, "\"a\"")) + "]";
        try (var server = TestServer.with(simulated())) {
            HttpResponse<String> answer = ask(server, inputs, "float");

            assertThat(answer.body().length()).isGreaterThan(1 << 20);
            assertThat(numbers(answer)).hasSize(EmbeddingRequest.MAX_INPUTS);
            assertThat(answer.body()).contains("\"prompt_tokens\":2048,");
        }
    }

    @Test
    void slowReaderOfALargeAnswerHoldsNeitherPlaceNorModelAndIsCutOff() throws Exception {
        var engine = new FakeEngine("fake");
        var timeouts = TestTimeouts.with(t -> t.slowReader(Duration.ofMillis(300)));
        try (var server = TestServer.with(ONE_PLACE, timeouts, engine);
                var client = new RawClient(server.port())) {
            client.socket().setReceiveBufferSize(4096);
            client.send(post("{\"model\":\"fake\",\"input\":\"a\"}"));
            FakeEngine.Vectors vectors = engine.nextEmbedding();
            for (int i = 0; i < 200; i++) {
                vectors.vector(new float[8_192]);
            }
            vectors.finished();

            server.awaitIdle();
            server.await(() -> metric(server, "millrace_requests_failed_total{error_type=\"slow_reader\"} 1.0"));
        }
    }

    @Test
    void moreVectorsThanThereIsMemoryForAreRefusedBeforeTheyAreMade() throws Exception {
        var engine = new FakeEngine("fake");
        String inputs = String.join(",", Collections.nCopies(2_000, "\"a\""));
        long tooLong = Runtime.getRuntime().maxMemory() / 4 / Float.BYTES / 2_000 + 1;
        try (var server = TestServer.with(engine);
                var client = new RawClient(server.port())) {
            client.send(post("{\"model\":\"fake\",\"input\":[" + inputs + "]}"));
            FakeEngine.Vectors vectors = engine.nextEmbedding().vector(new float[(int) tooLong]);

            assertThat(client.readUntil("}}")).startsWith("HTTP/1.1 429 ").contains("fewer inputs");
            server.await(vectors::isCancelled);
            vectors.endAfterCancel();
        }
    }

    @Test
    void refusalsAreInTheFormOfTheHouse() throws Exception {
        try (var server = TestServer.with(simulated())) {
            assertRefused(server.post("/v1/embeddings", "{\"input\":\"a\""), 400, "invalid_json");
            assertRefused(server.post("/v1/embeddings", "{\"model\":\"simulated/0ms\"}"), 400, "invalid_request");
            assertRefused(
                    server.post("/v1/embeddings", "{\"model\":\"simulated/0ms\",\"input\":\"a\",\"dimensions\":63}"),
                    400,
                    "unsupported_value");
            assertRefused(
                    server.post("/v1/embeddings", "{\"model\":\"nobody\",\"input\":\"a\"}"), 404, "model_not_found");
            assertRefused(server.get("/v1/embeddings"), 405, "method_not_allowed");
        }
    }

    @Test
    void whatTheEngineRefusesIsSaidInItsWords() throws Exception {
        var engine = new FakeEngine("fake");
        try (var server = TestServer.with(engine);
                var client = new RawClient(server.port())) {
            client.send(post("{\"model\":\"fake\",\"input\":\"a\"}"));
            engine.nextEmbedding().failed(ErrorCode.CONTEXT_LENGTH_EXCEEDED);

            assertThat(client.readUntil("}}"))
                    .startsWith("HTTP/1.1 400 ")
                    .contains("\"message\":\"the engine says why\"", "\"code\":\"context_length_exceeded\"")
                    .contains("\"param\":\"input\"");
        }
    }

    @Test
    void clientThatLeavesStopsTheWorkAndItsPlaceIsFreeWhenTheEngineSaysSo() throws Exception {
        var engine = new FakeEngine("fake");
        try (var server = TestServer.with(ONE_PLACE, TestServer.TIMEOUTS, engine)) {
            var client = new RawClient(server.port()).send(post("{\"model\":\"fake\",\"input\":\"a\"}"));
            FakeEngine.Vectors vectors = engine.nextEmbedding();
            vectors.event(new EmbeddingEvent.Started(7));

            client.reset();

            server.await(vectors::isCancelled);
            assertThat(server.server().openRequests()).isEqualTo(1);
            vectors.endAfterCancel();
            server.awaitIdle();
            assertThat(server.get("/metrics").body())
                    .contains("gen_ai_server_request_duration_seconds_count{gen_ai_operation_name=\"embeddings\","
                            + "gen_ai_provider_name=\"millrace\",gen_ai_request_model=\"fake\"} 1");
        }
    }

    @Test
    void workThatFallsSilentIsGivenUp() throws Exception {
        var engine = new FakeEngine("fake");
        var timeouts = TestTimeouts.with(t -> t.firstToken(Duration.ofMillis(200)));
        try (var server = TestServer.with(ONE_PLACE, timeouts, engine);
                var client = new RawClient(server.port())) {
            client.send(post("{\"model\":\"fake\",\"input\":\"a\"}"));
            FakeEngine.Vectors vectors = engine.nextEmbedding();

            assertThat(client.readUntil("}}")).startsWith("HTTP/1.1 504 ").contains("\"code\":\"first_token_timeout\"");
            server.await(vectors::isCancelled);
            vectors.endAfterCancel();
        }
    }

    @Test
    void requestWaitsForAPlaceLikeAnyOther() throws Exception {
        var engine = new FakeEngine("fake");
        try (var server = TestServer.with(ONE_PLACE, TestServer.TIMEOUTS, engine);
                var chat = new RawClient(server.port());
                var client = new RawClient(server.port())) {
            String body = TestServer.chat("fake");
            chat.send("POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                    + "Content-Length: " + body.length() + "\r\n\r\n" + body);
            FakeEngine.Call running = engine.next();
            client.send(post("{\"model\":\"fake\",\"input\":\"a\"}"));
            server.await(() -> server.server().openRequests() == 2);

            running.finished(dev.millrace.engine.FinishReason.STOP);
            engine.nextEmbedding().vector(1).finished();

            assertThat(client.readUntil("}}")).startsWith("HTTP/1.1 200 ");
        }
    }

    @Test
    void requestThatALostEngineHadNotBegunWithIsTriedOnceMore() throws Exception {
        var engine = new FakeEngine("fake");
        try (var server = TestServer.with(engine);
                var client = new RawClient(server.port())) {
            client.send(post("{\"model\":\"fake\",\"input\":\"a\"}"));
            engine.nextEmbedding().failed(ErrorCode.ENGINE_LOST);
            engine.nextEmbedding().vector(1).finished();
            assertThat(client.readUntil("}}")).startsWith("HTTP/1.1 200 ");

            client.send(post("{\"model\":\"fake\",\"input\":\"a\"}"));
            engine.nextEmbedding().event(new EmbeddingEvent.Started(7)).failed(ErrorCode.ENGINE_LOST);
            assertThat(client.readUntil("}}")).startsWith("HTTP/1.1 502 ").contains("\"code\":\"engine_lost\"");
        }
    }

    private static TimedEngine simulated() {
        return TimedEngine.whole(new ModelId("simulated/0ms"), 0, (nanos, task) -> () -> {}, NanoClock.SYSTEM);
    }

    private static HttpResponse<String> ask(TestServer server, String input, String format) throws Exception {
        HttpResponse<String> answer = server.post(
                "/v1/embeddings",
                "{\"model\":\"simulated/0ms\",\"input\":" + input + ",\"encoding_format\":\"" + format + "\"}");
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        return answer;
    }

    private static void assertRefused(HttpResponse<String> answer, int status, String code) {
        assertThat(answer.statusCode()).isEqualTo(status);
        assertThat(answer.body()).startsWith("{\"error\":{\"message\":").contains("\"code\":\"" + code + "\"");
    }

    private static boolean metric(TestServer server, String line) {
        try {
            return server.get("/metrics").body().contains(line);
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    /// All arrays of numbers of an answer.
    private static List<float[]> numbers(HttpResponse<String> answer) throws IOException {
        List<float[]> all = new ArrayList<>();
        try (JsonParser json = new JsonFactory().createParser(answer.body())) {
            List<Float> vector = new ArrayList<>();
            for (JsonToken token = json.nextToken(); token != null; token = json.nextToken()) {
                if (token == JsonToken.VALUE_NUMBER_FLOAT) {
                    vector.add(json.getFloatValue());
                } else if (token == JsonToken.END_ARRAY && !vector.isEmpty()) {
                    float[] values = new float[vector.size()];
                    for (int i = 0; i < values.length; i++) {
                        values[i] = vector.get(i);
                    }
                    all.add(values);
                    vector.clear();
                }
            }
        }
        return all;
    }

    private static float[] decoded(HttpResponse<String> answer) {
        String start = "\"embedding\":\"";
        int from = answer.body().indexOf(start) + start.length();
        String coded = answer.body().substring(from, answer.body().indexOf('"', from));
        ByteBuffer bytes = ByteBuffer.wrap(Base64.getDecoder().decode(coded.getBytes(UTF_8)))
                .order(ByteOrder.LITTLE_ENDIAN);
        float[] values = new float[bytes.remaining() / Float.BYTES];
        bytes.asFloatBuffer().get(values);
        return values;
    }

    private static double length(float[] vector) {
        double sum = 0;
        for (float value : vector) {
            sum += (double) value * value;
        }
        return Math.sqrt(sum);
    }

    private static String post(String body) {
        return "POST /v1/embeddings HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                + "Content-Length: " + body.length() + "\r\n\r\n" + body;
    }
}
