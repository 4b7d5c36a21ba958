package dev.millrace.protocol.openai;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadFeature;
import dev.millrace.protocol.json.StrictJson;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What `GET /v1/models` of any server lists. *Immutable.*
///
/// @param names at most [#MOST], each at most [#LONGEST] characters
/// @param owner who owns the first one, which tells what kind of server it is; `null` if it is not said
public record ModelNames(List<String> names, @Nullable String owner) {
    /// Most names that are taken.
    public static final int MOST = 10_000;

    /// Longest name.
    public static final int LONGEST = 256;

    /// What upstreams answer is read as it is; only its bounds matter.
    private static final JsonFactory FACTORY = StrictJson.factory()
            .disable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .build();

    public ModelNames {
        names = List.copyOf(names);
    }

    /// Reads a list.
    ///
    /// @throws IOException if it is none
    public static ModelNames read(byte[] body) throws IOException {
        List<String> names = new ArrayList<>();
        String owner = null;
        try (JsonParser json = FACTORY.createParser(body)) {
            expect(json.nextToken() == JsonToken.START_OBJECT);
            boolean found = false;
            while (json.nextToken() != JsonToken.END_OBJECT) {
                String name = json.currentName();
                JsonToken value = json.nextToken();
                if (name.equals("data") && value == JsonToken.START_ARRAY) {
                    found = true;
                    owner = entries(json, names);
                } else {
                    json.skipChildren();
                }
            }
            expect(found);
        }
        return new ModelNames(names, owner);
    }

    private static @Nullable String entries(JsonParser json, List<String> names) throws IOException {
        String owner = null;
        while (json.nextToken() != JsonToken.END_ARRAY) {
            expect(json.currentToken() == JsonToken.START_OBJECT);
            while (json.nextToken() != JsonToken.END_OBJECT) {
                String name = json.currentName();
                JsonToken value = json.nextToken();
                if (name.equals("id") && value == JsonToken.VALUE_STRING) {
                    add(names, json.getText());
                } else if (name.equals("owned_by") && value == JsonToken.VALUE_STRING && owner == null) {
                    owner = json.getText();
                } else {
                    json.skipChildren();
                }
            }
        }
        return owner;
    }

    private static void add(List<String> names, String name) {
        if (names.size() < MOST && !name.isEmpty() && name.length() <= LONGEST) {
            names.add(name);
        }
    }

    private static void expect(boolean sound) throws IOException {
        if (!sound) {
            throw new IOException("not a list of models");
        }
    }
}
