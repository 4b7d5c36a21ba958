package dev.millrace.server.config;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/// Reads a YAML file into flat keys with their lines. Nested maps and dotted keys mean the same; lists become text
/// with commas.
final class YamlFile {
    private final String name;
    private final List<GivenValue> values = new ArrayList<>();
    private final List<String> problems;

    private YamlFile(String name, List<String> problems) {
        this.name = name;
        this.problems = problems;
    }

    /// The values of `file`; what is wrong with it is added to `problems`.
    static List<GivenValue> read(Path file, List<String> problems) {
        var reader = new YamlFile(String.valueOf(file.getFileName()), problems);
        var factory = YAMLFactory.builder()
                .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                .build();
        try (JsonParser parser = factory.createParser(Files.readString(file))) {
            reader.document(parser);
        } catch (JsonProcessingException e) {
            int line = e.getLocation() == null ? 0 : e.getLocation().getLineNr();
            problems.add(reader.name + ":" + line + ": not well-formed YAML, or a key appears twice");
        } catch (IOException e) {
            problems.add(file + ": cannot be read as UTF-8 text");
        }
        return reader.values;
    }

    private void document(JsonParser parser) throws IOException {
        JsonToken first = parser.nextToken();
        if (first == null || first == JsonToken.VALUE_NULL) {
            return; // an empty file changes nothing
        }
        if (first != JsonToken.START_OBJECT) {
            problems.add(name + ":1: expected keys and values");
            return;
        }
        Deque<String> path = new ArrayDeque<>();
        for (JsonToken token = parser.nextToken(); token != null; token = parser.nextToken()) {
            switch (token) {
                case FIELD_NAME -> path.addLast(parser.currentName());
                case START_OBJECT -> {
                    // its fields extend the path
                }
                case START_ARRAY -> {
                    add(parser, path, list(parser, path));
                    path.removeLast();
                }
                case END_OBJECT -> path.pollLast();
                default -> {
                    add(parser, path, parser.getText());
                    path.removeLast();
                }
            }
        }
    }

    private String list(JsonParser parser, Deque<String> path) throws IOException {
        List<String> items = new ArrayList<>();
        for (JsonToken token = parser.nextToken(); token != JsonToken.END_ARRAY; token = parser.nextToken()) {
            if (token.isScalarValue()) {
                items.add(parser.getText());
            } else {
                problems.add(place(parser) + ": " + String.join(".", path) + ": expected a list of plain values");
                parser.skipChildren();
            }
        }
        return String.join(",", items);
    }

    private void add(JsonParser parser, Deque<String> path, String text) {
        values.add(new GivenValue(String.join(".", path), text, place(parser)));
    }

    private String place(JsonParser parser) {
        return name + ":" + parser.currentTokenLocation().getLineNr();
    }
}
