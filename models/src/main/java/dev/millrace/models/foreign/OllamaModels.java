package dev.millrace.models.foreign;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.millrace.models.catalogue.ModelName;
import dev.millrace.models.catalogue.SmallFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// Ollama's folder: `manifests/<host>/<namespace>/<model>/<tag>` names layers by digest,
/// `blobs/sha256-<hex>` holds them. Only the weights are taken; the template comes from the model file
/// itself. *Immutable.*
record OllamaModels(Path models) {
    /// Largest manifest that is read; real ones have a few kilobytes.
    static final int MAX_MANIFEST_BYTES = 1 << 20;

    private static final String ORIGIN = "Ollama";
    private static final String LAYER = "application/vnd.ollama.image.";
    private static final int DEPTH = 4;
    private static final int MAX_MANIFESTS = 10_000;
    private static final int MAX_LAYERS = 10_000;
    private static final Pattern DIGEST = Pattern.compile("sha256[:-]([0-9a-f]{64})");
    private static final ObjectMapper JSON = new ObjectMapper();

    List<FoundModel> find() {
        Map<String, FoundModel> found = new LinkedHashMap<>();
        for (String folder : List.of("manifests", "manifests-v2", "manifest-v2")) {
            Path root = models.resolve(folder);
            for (Path manifest : manifests(root)) {
                String name = nameOf(root.relativize(manifest));
                FoundModel known = found.get(name);
                if (known == null || !known.isUsable()) {
                    found.put(name, read(name, root, manifest));
                }
            }
        }
        return List.copyOf(found.values());
    }

    private static List<Path> manifests(Path root) {
        try (Stream<Path> files = Files.walk(root, DEPTH)) {
            return files.filter(file -> root.relativize(file).getNameCount() == DEPTH)
                    .filter(file -> !Files.isDirectory(file)
                            && !String.valueOf(file.getFileName()).startsWith("."))
                    .sorted()
                    .limit(MAX_MANIFESTS)
                    .toList();
        } catch (IOException | java.io.UncheckedIOException e) {
            return List.of();
        }
    }

    /// As Ollama shows it: the host is left out, and so is the namespace `library`.
    private static String nameOf(Path manifest) {
        String namespace = manifest.getName(1).toString();
        String prefix = namespace.equals("library") ? "" : namespace + "/";
        return prefix + manifest.getName(2) + ":" + manifest.getName(3);
    }

    private FoundModel read(String name, Path root, Path manifest) {
        try {
            Path real = manifest.toRealPath();
            if (!real.startsWith(root.toRealPath()) && !real.startsWith(models.toRealPath())) {
                return FoundModel.unusable(name, ORIGIN, "its manifest is a link that leads out of " + models);
            }
            JsonNode layers =
                    JSON.readTree(SmallFiles.read(real, MAX_MANIFEST_BYTES)).path("layers");
            if (!layers.isArray() || layers.size() > MAX_LAYERS) {
                return FoundModel.unusable(name, ORIGIN, "its manifest has no list of layers");
            }
            return judge(name, layers);
        } catch (JsonProcessingException e) {
            return FoundModel.unusable(name, ORIGIN, "its manifest is damaged: " + e.getOriginalMessage());
        } catch (IOException e) {
            return FoundModel.unusable(name, ORIGIN, "its manifest cannot be read: " + e.getMessage());
        }
    }

    private FoundModel judge(String name, JsonNode layers) throws IOException {
        List<String> weights = digests(layers, "model");
        if (weights.isEmpty()) {
            boolean other = !digests(layers, "tensor").isEmpty();
            return FoundModel.unusable(
                    name, ORIGIN, other ? "its weights are not in a GGUF file" : "it has no weights of its own");
        }
        if (!digests(layers, "adapter").isEmpty()) {
            return FoundModel.unusable(name, ORIGIN, "it needs an adapter (LoRA), which is not served");
        }
        Path blobs = models.resolve("blobs");
        List<Path> files = new ArrayList<>();
        for (String digest : weights) {
            String hex = hexOf(digest);
            if (hex == null) {
                return FoundModel.unusable(name, ORIGIN, "its manifest is damaged: a malformed digest");
            }
            Path blob = blobs.resolve("sha256-" + hex);
            if (!Files.exists(blob)) {
                return FoundModel.unusable(name, ORIGIN, "its content is missing: there is no " + blob);
            }
            files.add(blob);
        }
        if (!ModelName.isValid(name)) {
            return FoundModel.unusable(name, ORIGIN, "its name cannot be a model's name here");
        }
        return new Candidate(name, files, ORIGIN).judge(blobs);
    }

    private static List<String> digests(JsonNode layers, String kind) {
        List<String> digests = new ArrayList<>();
        for (JsonNode layer : layers) {
            String type = layer.path("mediaType").asText();
            if (type.equals(LAYER + kind) || type.startsWith(LAYER + kind + ";")) {
                digests.add(layer.path("digest").asText());
            }
        }
        return digests;
    }

    private static @Nullable String hexOf(String digest) {
        Matcher m = DIGEST.matcher(digest);
        return m.matches() ? m.group(1) : null;
    }
}
