package dev.millrace.cli.models;

import com.fasterxml.jackson.core.util.DefaultIndenter;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.millrace.cli.client.ModelView;
import dev.millrace.gguf.GgufSummary;
import dev.millrace.models.catalogue.CatalogueEntry;
import dev.millrace.models.catalogue.StoredFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Locale;

/// Models for programs. The field names are a published contract, in docs/cli.md.
final class ModelJson {
    private static final ObjectMapper JSON = new ObjectMapper();

    private ModelJson() {}

    static ObjectNode object() {
        return JSON.createObjectNode();
    }

    /// Of a model of a running server: its name and the fields of its status.
    static ObjectNode of(ModelView model) {
        ObjectNode node = object().put("name", model.name());
        model.status().properties().forEach(field -> node.set(field.getKey(), field.getValue()));
        return node;
    }

    static ObjectNode of(CatalogueEntry entry) {
        GgufSummary summary = entry.summary();
        ObjectNode node = object().put("name", entry.id().value());
        ArrayNode aliases = node.putArray("aliases");
        entry.aliases().forEach(aliases::add);
        node.put("architecture", summary.architecture())
                .put("parameters", summary.parameters())
                .put("quantisation", summary.quantisation())
                .put("size_bytes", entry.sizeBytes())
                .put("context_tokens", summary.contextTokens())
                .put("vocabulary_tokens", summary.vocabularyTokens())
                .put("has_chat_template", summary.chatTemplate() != null)
                .put("licence", summary.licence())
                .put("origin", entry.origin())
                .put("residence", entry.residence().name().toLowerCase(Locale.ROOT))
                .put("added", entry.added().toString())
                .put("problem", entry.isUsable() ? null : entry.problem());
        files(node, entry.files());
        return node;
    }

    static void files(ObjectNode node, List<StoredFile> files) {
        ArrayNode array = node.putArray("files");
        for (StoredFile file : files) {
            array.addObject()
                    .put("path", file.path().toString())
                    .put("size_bytes", file.sizeBytes())
                    .put("sha256", file.sha256().isEmpty() ? null : file.sha256());
        }
    }

    static String text(ObjectNode root) {
        try {
            return JSON.writer(new DefaultPrettyPrinter().withArrayIndenter(DefaultIndenter.SYSTEM_LINEFEED_INSTANCE))
                            .writeValueAsString(root)
                    + "\n";
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
