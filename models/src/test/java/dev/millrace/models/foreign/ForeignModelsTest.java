package dev.millrace.models.foreign;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.core.id.ModelId;
import dev.millrace.models.catalogue.Catalogue;
import dev.millrace.models.catalogue.CatalogueEntry;
import dev.millrace.models.catalogue.StoredFile;
import dev.millrace.models.catalogue.TinyGguf;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Folders as Ollama, LM Studio and the Hugging Face libraries make them.
class ForeignModelsTest {
    private static final String WEIGHTS = "application/vnd.ollama.image.model";

    @TempDir
    Path home;

    private static String sha256(Path file) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(file)));
        } catch (IOException | NoSuchAlgorithmException e) {
            throw new AssertionError(e);
        }
    }

    private Path ollamaBlob(TinyGguf content) throws IOException {
        Path file = content.writeTo(home.resolve("ollama/blobs/new"));
        return Files.move(file, file.resolveSibling("sha256-" + sha256(file)));
    }

    private void ollamaManifest(String path, String text) throws IOException {
        Path manifest = home.resolve("ollama/manifests").resolve(path);
        Files.createDirectories(manifest.getParent());
        Files.writeString(manifest, text);
    }

    private static String layers(String... typesAndDigests) {
        StringBuilder text = new StringBuilder("{\"schemaVersion\":2,\"config\":{},\"layers\":[");
        for (int i = 0; i < typesAndDigests.length; i += 2) {
            text.append(i == 0 ? "" : ",").append("{\"mediaType\":\"").append(typesAndDigests[i]);
            text.append("\",\"digest\":\"").append(typesAndDigests[i + 1]).append("\",\"size\":1}");
        }
        return text.append("]}").toString();
    }

    private static Map<String, String> reasons(List<FoundModel> found) {
        return found.stream().collect(Collectors.toMap(FoundModel::name, FoundModel::whyNot));
    }

    private static FoundModel named(List<FoundModel> found, String name) {
        return found.stream()
                .filter(model -> model.name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void whatIsNotThereHoldsNothing() {
        Path nowhere = home.resolve("nowhere");

        assertThat(ForeignModels.ollama(nowhere)).isEmpty();
        assertThat(ForeignModels.lmStudio(nowhere)).isEmpty();
        assertThat(ForeignModels.huggingFace(nowhere)).isEmpty();
        assertThat(ForeignModels.folder(nowhere)).isEmpty();
        assertThat(ForeignModels.file(nowhere).whyNot()).contains("cannot be read");
    }

    @Test
    void ollamasModelsAreTheirBlobsUnderTheNamesOllamaShows() throws IOException {
        Path blob = ollamaBlob(TinyGguf.named("l"));
        String digest = "sha256:" + sha256(blob);
        String text = layers("application/vnd.ollama.image.license", "sha256:" + "0".repeat(64), WEIGHTS, digest);
        ollamaManifest("registry.ollama.ai/library/llama3.2/1b", text);
        ollamaManifest("registry.ollama.ai/library/llama3.2/latest", text);
        ollamaManifest("registry.ollama.ai/someone/their/q8", text);
        ollamaManifest("hf.co/org/repo-GGUF/Q4_K_M", text);

        List<FoundModel> found = ForeignModels.ollama(home.resolve("ollama"));

        assertThat(found)
                .extracting(FoundModel::name)
                .containsExactlyInAnyOrder("llama3.2:1b", "llama3.2", "someone/their:q8", "org/repo-GGUF:Q4_K_M");
        assertThat(found).allSatisfy(model -> {
            assertThat(model.whyNot()).isEmpty();
            assertThat(model.files()).containsExactly(new StoredFile(blob, Files.size(blob), sha256(blob)));
            assertThat(model.summary()).isNotNull();
        });
    }

    @Test
    void ollamasDamagedManifestsAreSkippedWithTheReason() throws IOException {
        Path blob = ollamaBlob(TinyGguf.named("l"));
        Path empty = Files.writeString(home.resolve("ollama/blobs/sha256-" + "1".repeat(64)), "");
        String digest = "sha256:" + sha256(blob);
        Path outside = TinyGguf.named("x").writeTo(home.resolve("secret.gguf"));
        Files.createSymbolicLink(home.resolve("ollama/blobs/sha256-" + "2".repeat(64)), outside);
        String base = "registry.ollama.ai/library/";
        ollamaManifest(base + "m/missing", layers(WEIGHTS, "sha256:" + "0".repeat(64)));
        ollamaManifest(base + "m/json", "{\"layers\":[");
        ollamaManifest(base + "m/nothing", "");
        ollamaManifest(base + "m/list", "{\"layers\":7}");
        ollamaManifest(base + "m/huge", " ".repeat(OllamaModels.MAX_MANIFEST_BYTES) + "{}");
        ollamaManifest(base + "m/deep", "[".repeat(200_000));
        ollamaManifest(base + "m/traversal", layers(WEIGHTS, "sha256:../../../secret.gguf"));
        ollamaManifest(base + "m/upper", layers(WEIGHTS, digest.toUpperCase(java.util.Locale.ROOT)));
        ollamaManifest(base + "m/adapter", layers(WEIGHTS, digest, "application/vnd.ollama.image.adapter", digest));
        ollamaManifest(base + "m/cloud", layers());
        ollamaManifest(base + "m/tensors", layers("application/vnd.ollama.image.tensor; name=a", digest));
        ollamaManifest(base + "m/short", layers(WEIGHTS, "sha256:" + "1".repeat(64)));
        ollamaManifest(base + "m/link", layers(WEIGHTS, "sha256:" + "2".repeat(64)));
        ollamaManifest(base + "bad name/x", layers(WEIGHTS, digest));
        Files.createSymbolicLink(home.resolve("ollama/manifests/" + base + "m/away"), outside);

        Map<String, String> reasons = reasons(ForeignModels.ollama(home.resolve("ollama")));

        assertThat(empty).exists();
        assertThat(reasons)
                .hasSize(15)
                .allSatisfy((_, reason) -> assertThat(reason).isNotEmpty());
        assertThat(reasons.get("m:missing")).startsWith("its content is missing");
        assertThat(reasons.get("m:json")).startsWith("its manifest is damaged");
        assertThat(reasons.get("m:huge")).contains("larger than");
        assertThat(reasons.get("m:traversal")).contains("malformed digest");
        assertThat(reasons.get("m:adapter")).contains("LoRA");
        assertThat(reasons.get("m:tensors")).contains("not in a GGUF file");
        assertThat(reasons.get("m:short")).contains(empty.toString());
        assertThat(reasons.get("m:link")).contains("leads out of");
        assertThat(reasons.get("m:away")).contains("leads out of");
        assertThat(reasons.get("bad name:x")).contains("cannot be a model's name");
    }

    @Test
    void lmStudiosModelsAreNamedAfterMakerAndFile() throws IOException {
        Path models = home.resolve("lm");
        TinyGguf.named("a").writeTo(models.resolve("maker/repo-GGUF/Tiny Model-Q8_0.gguf"));
        TinyGguf.named("b").part(0, 2).writeTo(models.resolve("maker/big/big-00001-of-00002.gguf"));
        TinyGguf.named("b").part(1, 2).writeTo(models.resolve("maker/big/big-00002-of-00002.gguf"));
        TinyGguf.named("c").part(0, 2).writeTo(models.resolve("maker/half/half-00001-of-00002.gguf"));
        TinyGguf.named("d").writeTo(models.resolve("maker/repo-GGUF/mmproj-tiny.gguf"));
        TinyGguf.named("e").ofArchitecture("t5").writeTo(models.resolve("maker/e/e.gguf"));
        Files.writeString(models.resolve("maker/e/broken.gguf"), "GGUF");
        Path outside = TinyGguf.named("f").writeTo(home.resolve("outside.gguf"));
        Files.createSymbolicLink(models.resolve("maker/e/away.gguf"), outside);
        Files.createSymbolicLink(models.resolve("maker/loop"), models);

        List<FoundModel> found = ForeignModels.lmStudio(models);
        Map<String, String> reasons = reasons(found);

        assertThat(reasons).hasSize(7);
        assertThat(reasons.get("maker/Tiny-Model-Q8_0")).isEmpty();
        assertThat(reasons.get("maker/big")).isEmpty();
        assertThat(reasons.get("maker/half")).contains("part 2 of 2 is missing");
        assertThat(reasons.get("maker/mmproj-tiny")).contains("reads images");
        assertThat(reasons.get("maker/e")).contains("an encoder and a decoder");
        assertThat(reasons.get("maker/broken")).startsWith("GGUF file");
        assertThat(reasons.get("maker/away")).contains("leads out of");
        assertThat(ForeignModels.file(models.resolve("maker/big/big-00002-of-00002.gguf"))
                        .files())
                .hasSize(2);
    }

    @Test
    void theHubCacheIsReadThroughItsLinks() throws IOException {
        Path repository = home.resolve("hub/models--org--Repo-GGUF");
        Path blob = TinyGguf.named("now").writeTo(repository.resolve("blobs/new"));
        blob = Files.move(blob, blob.resolveSibling(sha256(blob)));
        Path old = TinyGguf.named("before").writeTo(repository.resolve("blobs/old"));
        link(repository, "aaa/Repo-Q8_0.gguf", blob);
        link(repository, "bbb/Repo-Q8_0.gguf", old);
        link(repository, "bbb/Repo-Q4_0.gguf", old);
        link(repository, "aaa/unfinished.gguf", repository.resolve("blobs/none"));
        link(repository, "aaa/away.gguf", TinyGguf.named("x").writeTo(home.resolve("outside.gguf")));
        Files.createDirectories(repository.resolve("refs"));
        Files.writeString(repository.resolve("refs/main"), "aaa");
        Files.setLastModifiedTime(repository.resolve("snapshots/aaa"), FileTime.from(Instant.EPOCH));

        List<FoundModel> found = ForeignModels.huggingFace(home.resolve("hub"));

        assertThat(reasons(found).keySet())
                .containsExactlyInAnyOrder("org/Repo-Q8_0", "org/Repo-Q4_0", "org/unfinished", "org/away");
        assertThat(named(found, "org/Repo-Q8_0").files())
                .containsExactly(new StoredFile(
                        repository.resolve("snapshots/aaa/Repo-Q8_0.gguf"), Files.size(blob), sha256(blob)));
        assertThat(named(found, "org/Repo-Q4_0").whyNot()).isEmpty();
        assertThat(named(found, "org/unfinished").whyNot()).startsWith("its content is missing");
        assertThat(named(found, "org/away").whyNot()).contains("leads out of");
    }

    private static void link(Path repository, String name, Path target) throws IOException {
        Path link = repository.resolve("snapshots").resolve(name);
        Path folder = Files.createDirectories(link.resolveSibling(""));
        Files.createSymbolicLink(link, folder.relativize(target));
    }

    @Test
    void whatIsFoundIsUsedInPlaceAndNothingIsWrittenThere() throws IOException {
        Path blob = ollamaBlob(TinyGguf.named("l"));
        ollamaManifest("registry.ollama.ai/library/l/latest", layers(WEIGHTS, "sha256:" + sha256(blob)));
        Map<String, String> before = state(home.resolve("ollama"));
        Catalogue catalogue = Catalogue.open(home.resolve("data"), InstantSource.fixed(Instant.EPOCH));

        FoundModel model = ForeignModels.ollama(home.resolve("ollama")).getFirst();
        CatalogueEntry entry = catalogue.referenceDescribed(new ModelId(model.name()), model.files(), model.origin());
        catalogue.verify(entry, _ -> {});
        catalogue.remove("l");

        assertThat(entry.files()).containsExactly(new StoredFile(blob, Files.size(blob), sha256(blob)));
        assertThat(state(home.resolve("ollama"))).isEqualTo(before);
    }

    private static Map<String, String> state(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            Map<String, String> state = new TreeMap<>();
            for (Path file : files.toList()) {
                String content = Files.isRegularFile(file) ? sha256(file) : "";
                state.put(folder.relativize(file).toString(), Files.getLastModifiedTime(file) + " " + content);
            }
            return state;
        }
    }
}
