package dev.millrace.cli.engines;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.millrace.models.download.Disk;
import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Models that come over HTTP.
class DownloadRoutesIT extends StoreFixture {
    @Test
    void whatWasDownloadedIsListedAndAnswersWithoutARestart() throws Exception {
        HttpResponse<String> answer = post("/models", "{\"model\":\"org/repo\",\"name\":\"mine\",\"wait\":true}");

        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(json(answer).path("success").asBoolean()).isTrue();
        assertThat(json(answer).at("/status/value").asText()).isEqualTo("downloaded");
        assertThat(json(answer).at("/status/model").asText()).isEqualTo("mine");
        assertThat(send(to("/v1/models")).body()).contains("\"id\":\"mine\"");
        assertThat(listed("org/repo").isMissingNode()).isTrue();
        assertThat(post("/v1/chat/completions", chat("mine")).body()).endsWith("data: [DONE]\n\n");
    }

    @Test
    void aDownloadShowsHowFarItIsInTheListAndAsEvents() throws Exception {
        hub.hold();
        CompletableFuture<HttpResponse<InputStream>> watching =
                client.sendAsync(to("/models/sse").build(), BodyHandlers.ofInputStream());
        InputStream events = watching.join().body();

        HttpResponse<String> answer = post("/models", "{\"model\":\"org/repo\"}");
        await(() -> halfWay("org/repo"));
        JsonNode status = listed("org/repo");
        boolean forOpenAi = send(to("/v1/models")).body().contains("org/repo");
        hub.release();
        String told = readUntil(events, "models_reload");

        assertThat(json(answer).at("/status/value").asText()).isEqualTo("downloading");
        assertThat(status.path("model").asText()).isEqualTo("demo-Q8_0");
        assertThat(status.path("total_bytes").asInt()).isEqualTo(hub.size());
        assertThat(status.path("bytes_per_second").isNumber()).isTrue();
        assertThat(status.path("progress").asDouble()).isBetween(0.1, 0.6);
        assertThat(forOpenAi).isFalse();
        assertThat(told)
                .contains(
                        "data: {\"model\":\"org/repo\",\"event\":\"download_progress\",\"data\":{\"progress\":{\"org/repo\":{"
                                + "\"done\":")
                .contains("\"phase\":\"verifying\"")
                .contains("\"event\":\"download_finished\"");
    }

    @Test
    void twoWhoWantTheSameShareOneDownload() throws Exception {
        hub.hold();
        String body = "{\"model\":\"org/repo\",\"wait\":true}";
        CompletableFuture<HttpResponse<String>> first =
                client.sendAsync(posting("/models", body).build(), BodyHandlers.ofString());
        await(() -> halfWay("org/repo"));
        CompletableFuture<HttpResponse<String>> second =
                client.sendAsync(posting("/models", body).build(), BodyHandlers.ofString());
        CompletableFuture<HttpResponse<String>> third = client.sendAsync(
                posting("/models", "{\"model\":\"org/repo:Q8_0\",\"wait\":true}")
                        .build(),
                BodyHandlers.ofString());
        await(() -> isListed("org/repo:Q8_0"));

        hub.release();

        assertThat(first.join().statusCode()).isEqualTo(200);
        assertThat(second.join().statusCode()).isEqualTo(200);
        assertThat(third.join().statusCode()).isEqualTo(200);
        assertThat(hub.sent() - 1).as("but for the byte that asks for ranges").isEqualTo(hub.size());
    }

    @Test
    void aDownloadThatRunsIsNotStartedUnderAnotherName() throws Exception {
        hub.hold();
        post("/models", "{\"model\":\"org/repo\"}");

        HttpResponse<String> other = post("/models", "{\"model\":\"org/repo\",\"name\":\"other\"}");

        assertThat(refusal(other)).isEqualTo("409 model_busy");
    }

    @Test
    void aStoppedDownloadGoesOnWhereItWas() throws Exception {
        hub.hold();
        CompletableFuture<HttpResponse<String>> waiting = client.sendAsync(
                posting("/models", "{\"model\":\"org/repo\",\"wait\":true}").build(), BodyHandlers.ofString());
        await(() -> halfWay("org/repo"));

        HttpResponse<String> stopped = post("/models/unload", "{\"model\":\"org/repo\"}");

        assertThat(stopped.body()).isEqualTo(DONE);
        assertThat(refusal(waiting.join())).isEqualTo("409 interrupted");
        assertThat(listed("org/repo").path("value").asText()).isEqualTo("paused");
        hub.release();
        long before = hub.sent();
        assertThat(post("/models", "{\"model\":\"org/repo\",\"wait\":true}").statusCode())
                .isEqualTo(200);
        assertThat(hub.sent() - before).isLessThan(hub.size());
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aDeletedDownloadLeavesNothing(boolean paused) throws Exception {
        hub.hold();
        post("/models", "{\"model\":\"org/repo\"}");
        await(() -> halfWay("org/repo"));
        if (paused) {
            post("/models/unload", "{\"model\":\"org/repo\"}");
            await(this::isPaused);
        }
        assertThat(partialFiles()).isPositive();

        assertThat(delete("org/repo").body()).isEqualTo(DONE);

        await(() -> partialFiles() == 0);
        assertThat(isListed("org/repo")).isFalse();
    }

    private boolean isPaused() {
        try {
            return listed("org/repo").path("value").asText().equals("paused");
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "https://169.254.169.254/latest/x.gguf, 403 forbidden_address",
        "http://127.0.0.1:1/x.gguf, 403 forbidden_address",
        "https://elsewhere.example/x.gguf, 403 forbidden_address",
        "file:///etc/passwd, 403 forbidden_address",
        "../../etc/passwd, 400 invalid_reference",
        "nonsense, 400 invalid_reference",
        "org/other, 404 not_found",
    })
    void whatMustNotOrCannotBeFetchedIsRefusedInTheAnswer(String reference, String refusal) throws Exception {
        HttpResponse<String> answer = post("/models", "{\"model\":\"" + reference + "\"}");

        assertThat(refusal(answer)).isEqualTo(refusal);
        assertThat(answer.body()).doesNotContain("--allow-host");
        assertThat(isListed(reference))
                .as("listed although nothing is there to go on with")
                .isFalse();
        assertThat(hub.sent()).isZero();
    }

    @Test
    void aRefusedHostIsToldTheSettingThatAllowsIt() throws Exception {
        assertThat(post("/models", "{\"model\":\"https://elsewhere.example/x.gguf\"}")
                        .body())
                .contains("models.download-hosts elsewhere.example");
    }

    @Test
    void wrongBytesAreDeletedAndToldAsSuch() throws Exception {
        hub.corrupt();

        HttpResponse<String> answer = post("/models", "{\"model\":\"org/repo\",\"wait\":true}");

        assertThat(refusal(answer)).isEqualTo("502 digest_mismatch");
        assertThat(listed("org/repo").path("value").asText()).isEqualTo("failed");
        assertThat(listed("org/repo").path("code").asText()).isEqualTo("digest_mismatch");
        assertThat(isListed("demo-Q8_0")).isFalse();
    }

    @Test
    void aFullDiskIsToldBeforeAnythingIsTransferred() throws Exception {
        server.close();
        serve(new FullDisk(), Map.of());

        HttpResponse<String> answer = post("/models", "{\"model\":\"org/repo\"}");

        assertThat(refusal(answer)).isEqualTo("507 insufficient_storage");
        assertThat(hub.sent()).as("but for the byte that asks for ranges").isEqualTo(1);
    }

    /// A disk with room for a thousand bytes.
    private record FullDisk() implements Disk {
        @Override
        public OpenFile open(Path file) throws IOException {
            return Disk.REAL.open(file);
        }

        @Override
        public long usableBytes(Path directory) {
            return 1000;
        }
    }

    @Test
    void aLargerModelThanAllowedIsRefused() throws Exception {
        server.close();
        serve(Disk.REAL, Map.of("models.largest", "1MiB"));

        HttpResponse<String> answer = post("/models", "{\"model\":\"org/repo\"}");

        assertThat(refusal(answer)).isEqualTo("413 too_large");
        assertThat(answer.body()).contains("models.largest");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{}",
                "{\"model\":7}",
                "{\"model\":\"org/repo\",\"name\":\"a b\"}",
                "{\"model\":\"org/repo\",\"name\":\"../x\"}",
                "{\"model\":\"org/repo\",\"sha256\":\"abc\"}",
                "{\"model\":\"org/repo\",\"wait\":\"yes\"}",
            })
    void aBodyThatIsNoDownloadIsRefused(String body) throws Exception {
        assertThat(post("/models", body).statusCode()).isEqualTo(400);
        assertThat(hub.sent()).isZero();
    }
}
