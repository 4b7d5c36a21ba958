package dev.millrace.cli.engines;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.core.id.ModelId;
import dev.millrace.models.download.Disk;
import dev.millrace.models.lifecycle.ModelState;
import java.io.InputStream;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Models that go over HTTP.
class RemovalRoutesIT extends StoreFixture {
    @Test
    void aRemovedModelIsGoneAtOnceWithItsFile() throws Exception {
        stored("mine");
        Path blob = catalogue.find("mine").orElseThrow().files().getFirst().path();

        assertThat(delete("mine").body()).isEqualTo(DONE);

        assertThat(isListed("mine")).isFalse();
        assertThat(blob).doesNotExist();
        assertThat(refusal(post("/v1/chat/completions", chat("mine")))).isEqualTo("404 model_not_found");
        assertThat(refusal(delete("mine"))).isEqualTo("404 model_not_found");
        stored("mine");
        assertThat(isListed("mine")).isTrue();
    }

    @Test
    void nobodyGetsAModelThatIsBeingRemovedUnlessItStays() throws Exception {
        stored("mine");

        models.withhold(new ModelId("mine"), true);

        assertThat(isListed("mine")).isFalse();
        assertThat(refusal(post("/v1/chat/completions", chat("mine")))).isEqualTo("404 model_not_found");
        models.withhold(new ModelId("mine"), false);
        assertThat(isListed("mine")).isTrue();
    }

    @Test
    void aFileThatIsUsedInPlaceIsOnlyForgotten() throws Exception {
        Path file = Files.copy(DEMO, home.resolve("own.gguf"));
        catalogue.reference(new ModelId("own"), List.of(file), "here");
        models.refresh();

        assertThat(delete("own").body()).isEqualTo(DONE);

        assertThat(isListed("own")).isFalse();
        assertThat(file).exists();
    }

    @Test
    void anAliasGoesWithoutItsModel() throws Exception {
        stored("mine");
        catalogue.alias("nick", "mine");
        models.refresh();

        assertThat(delete("nick").body()).isEqualTo(DONE);

        assertThat(refusal(delete("nick"))).isEqualTo("404 model_not_found");
        assertThat(isListed("mine")).isTrue();
    }

    @Test
    void anIdleModelLeavesMemoryFirstAndWatchersAreTold() throws Exception {
        stored("mine");
        post("/models/load", "{\"model\":\"mine\"}");
        await(() -> server.models().pool().status(new ModelId("mine")).state() == ModelState.READY);
        InputStream events = client.sendAsync(to("/models/sse").build(), BodyHandlers.ofInputStream())
                .join()
                .body();

        assertThat(delete("mine").body()).isEqualTo(DONE);

        assertThat(server.models().pool().status(new ModelId("mine")).state()).isEqualTo(ModelState.UNLOADED);
        assertThat(readUntil(events, "model_remove")).contains("{\"model\":\"mine\",\"event\":\"model_remove\"}");
    }

    @Test
    void aModelInUseStaysAndItsAnswerGoesOn() throws Exception {
        stored("mine");
        CompletableFuture<HttpResponse<String>> answer =
                client.sendAsync(posting("/v1/chat/completions", chat("mine")).build(), BodyHandlers.ofString());
        await(() -> server.models().pool().status(new ModelId("mine")).users() == 1);

        HttpResponse<String> refused = delete("mine");

        assertThat(refusal(refused)).isEqualTo("409 model_busy");
        assertThat(isListed("mine")).isTrue();
        assertThat(answer.join().body()).endsWith("data: [DONE]\n\n");
        assertThat(delete("mine").statusCode()).isEqualTo(200);
    }

    @Test
    void whatIsNotTheCataloguesStays() throws Exception {
        Files.createDirectories(home.resolve("data/models"));
        Path dropped = Files.copy(DEMO, home.resolve("data/models/dropped.gguf"));
        models.refresh();

        assertThat(refusal(delete("millrace-demo"))).isEqualTo("409 model_not_removable");
        assertThat(refusal(delete("dropped"))).isEqualTo("409 model_not_removable");
        assertThat(dropped).exists();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "../../etc/passwd",
                "%2e%2e%2fx",
                "/etc/passwd",
                "..",
                "a%5Cb",
                "a%00b",
                "",
                "a%20b",
                "mine&model=other",
                "a/b/c",
            })
    void aNameThatIsNoneIsRefused(String name) throws Exception {
        assertThat(delete(name).statusCode()).isEqualTo(400);
    }

    @Test
    void deletingWithoutSayingWhatIsRefused() throws Exception {
        assertThat(send(to("/models").DELETE()).statusCode()).isEqualTo(400);
        assertThat(send(to("/models?all=1").DELETE()).statusCode()).isEqualTo(400);
    }

    @Test
    void pagesOfOtherSitesMayNotDelete() throws Exception {
        stored("mine");

        HttpResponse<String> refused = send(to("/models?model=mine")
                .header("origin", "https://evil.example")
                .DELETE());

        assertThat(refused.statusCode()).isEqualTo(421);
        assertThat(isListed("mine")).isTrue();
    }

    @ParameterizedTest
    @CsvSource({"models.changes,off", "server.behind-proxy,true"})
    void whereClientsMayNotChangeModelsTheyAreToldSo(String key, String value) throws Exception {
        stored("mine");
        server.close();
        serve(Disk.REAL, Map.of(key, value, "server.allowed-hosts", "*"));

        assertThat(refusal(delete("mine"))).isEqualTo("403 not_allowed");
        assertThat(refusal(post("/models", "{\"model\":\"org/repo\"}"))).isEqualTo("403 not_allowed");
        assertThat(isListed("mine")).isTrue();
    }
}
