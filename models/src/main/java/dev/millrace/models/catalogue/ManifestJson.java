package dev.millrace.models.catalogue;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.millrace.core.id.ModelId;
import dev.millrace.gguf.GgufSummary;
import dev.millrace.models.catalogue.Manifest.Part;
import java.io.IOException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Manifests and aliases as JSON. Unknown fields are passed over; anything else unexpected is refused in
/// words.
final class ManifestJson {
    /// Largest manifest that is read: a chat template is most of it.
    static final int MAX_BYTES = 8 << 20;

    private static final int VERSION = 1;
    /// Of what the reader makes of a file: a summary of another version is read again.
    private static final int SUMMARY_VERSION = 1;

    private static final ObjectMapper JSON = new ObjectMapper().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

    private ManifestJson() {}

    static byte[] write(Manifest manifest) throws IOException {
        ObjectNode root = JSON.createObjectNode();
        root.put("version", VERSION);
        root.put("name", manifest.name().value());
        root.put("origin", manifest.origin());
        root.put("added", manifest.added().toString());
        ArrayNode files = root.putArray("files");
        for (Part part : manifest.parts()) {
            ObjectNode file = files.addObject();
            file.put("size_bytes", part.sizeBytes());
            if (!part.sha256().isEmpty()) {
                file.put("sha256", part.sha256());
            }
            if (part.path() != null) {
                file.put("path", part.path().toString());
                file.put("modified_ms", part.modifiedMillis());
            }
        }
        if (manifest.summary() != null) {
            root.set("summary", summary(manifest.summary()));
        }
        return JSON.writerWithDefaultPrettyPrinter().writeValueAsBytes(root);
    }

    private static ObjectNode summary(GgufSummary summary) {
        return JSON.createObjectNode()
                .put("version", SUMMARY_VERSION)
                .put("architecture", summary.architecture())
                .put("name", summary.name())
                .put("parameters", summary.parameters())
                .put("quantisation", summary.quantisation())
                .put("context_tokens", summary.contextTokens())
                .put("vocabulary_tokens", summary.vocabularyTokens())
                .put("chat_template", summary.chatTemplate())
                .put("licence", summary.licence());
    }

    /// @throws IOException if the text is not the manifest of `expected`; the message says what is
    ///     wrong with it
    static Manifest read(byte[] text, ModelId expected) throws IOException {
        JsonNode root = parse(text);
        if (root.path("version").asInt() != VERSION) {
            throw new IOException("version " + root.path("version").asText("none") + " (expected: " + VERSION + ")");
        }
        if (!expected.value().equals(root.path("name").asText())) {
            throw new IOException("it is the manifest of another name");
        }
        List<Part> parts = new ArrayList<>();
        for (JsonNode file : root.path("files")) {
            parts.add(part(file));
        }
        if (parts.isEmpty() || parts.size() > Shards.MAX_SHARDS) {
            throw new IOException(parts.size() + " files (expected: 1.." + Shards.MAX_SHARDS + ")");
        }
        if (parts.stream().map(part -> part.path() == null).distinct().count() > 1) {
            throw new IOException("some files are in the store and some are not");
        }
        try {
            Instant added = Instant.parse(root.path("added").asText());
            return new Manifest(
                    expected, root.path("origin").asText(), added, parts, summary(root.path("summary"), parts));
        } catch (DateTimeException e) {
            throw new IOException("'added' is no time", e);
        }
    }

    private static Part part(JsonNode file) throws IOException {
        String sha256 = file.path("sha256").asText();
        long size = file.path("size_bytes").asLong(-1);
        if (size < 0 || !(sha256.isEmpty() || Sha256.isHex(sha256))) {
            throw new IOException("a file without a size or with a malformed digest");
        }
        if (!file.has("path")) {
            if (sha256.isEmpty()) {
                throw new IOException("a file without path and digest");
            }
            return new Part(sha256, null, size, 0);
        }
        try {
            Path path = Path.of(file.path("path").asText());
            if (!path.isAbsolute()) {
                throw new IOException("a path that is not absolute");
            }
            return new Part(sha256, path, size, file.path("modified_ms").asLong());
        } catch (InvalidPathException e) {
            throw new IOException("a malformed path", e);
        }
    }

    private static @Nullable GgufSummary summary(JsonNode node, List<Part> parts) {
        if (node.path("version").asInt() != SUMMARY_VERSION) {
            return null;
        }
        JsonNode template = node.path("chat_template");
        return new GgufSummary(
                node.path("architecture").asText(),
                node.path("name").asText(),
                node.path("parameters").asLong(),
                node.path("quantisation").asText(),
                node.path("context_tokens").asInt(),
                node.path("vocabulary_tokens").asInt(),
                template.isTextual() ? template.textValue() : null,
                node.path("licence").asText(),
                0,
                parts.size(),
                parts.stream().mapToLong(Part::sizeBytes).sum());
    }

    static byte[] writeAlias(ModelId alias, ModelId model) throws IOException {
        return JSON.writeValueAsBytes(JSON.createObjectNode()
                .put("version", VERSION)
                .put("alias", alias.value())
                .put("model", model.value()));
    }

    /// The model that an alias stands for.
    static ModelId readAlias(byte[] text) throws IOException {
        JsonNode model = parse(text).path("model");
        if (!model.isTextual() || !ModelName.isValid(model.textValue())) {
            throw new IOException("it names no model");
        }
        return new ModelId(model.textValue());
    }

    private static JsonNode parse(byte[] text) throws IOException {
        try {
            JsonNode root = JSON.readTree(text);
            if (!root.isObject()) {
                throw new IOException("not a JSON object");
            }
            return root;
        } catch (JsonProcessingException e) {
            throw new IOException("not JSON: " + e.getOriginalMessage(), e);
        }
    }
}
