package dev.millrace.server.config;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// YAML files of any shape, for tests: maps, lists, and all else as text.
final class YamlDocuments {
    private static final YAMLFactory YAML = YAMLFactory.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .build();

    private YamlDocuments() {}

    /// All documents of a file. Aliases are the text of their names.
    static List<Object> read(Path file) throws IOException {
        List<Object> documents = new ArrayList<>();
        try (JsonParser parser = YAML.createParser(Files.readString(file))) {
            while (parser.nextToken() != null) {
                documents.add(value(parser));
            }
        }
        return documents;
    }

    private static Object value(JsonParser parser) throws IOException {
        if (parser.currentToken() == JsonToken.START_OBJECT) {
            Map<String, Object> map = new LinkedHashMap<>();
            while (parser.nextToken() == JsonToken.FIELD_NAME) {
                String key = parser.currentName();
                parser.nextToken();
                map.put(key, value(parser));
            }
            return map;
        }
        if (parser.currentToken() == JsonToken.START_ARRAY) {
            List<Object> list = new ArrayList<>();
            while (parser.nextToken() != JsonToken.END_ARRAY) {
                list.add(value(parser));
            }
            return list;
        }
        return parser.getText();
    }

    /// What lies at a path of keys and positions; fails if nothing does.
    static Object at(Object node, String path) {
        Object here = node;
        for (String step : path.split("/", -1)) {
            Object next = switch (here) {
                case Map<?, ?> map -> map.get(step);
                case List<?> list -> list.get(Integer.parseInt(step));
                default -> null;
            };
            if (next == null) {
                throw new AssertionError(path + ": nothing at " + step + " (expected: a value)");
            }
            here = next;
        }
        return here;
    }

    /// The text at a path.
    static String text(Object node, String path) {
        return at(node, path).toString();
    }

    /// True if there is a map with this key.
    static boolean has(Object node, String key) {
        return node instanceof Map<?, ?> map && map.containsKey(key);
    }
}
