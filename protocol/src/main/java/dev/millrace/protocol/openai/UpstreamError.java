package dev.millrace.protocol.openai;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadFeature;
import dev.millrace.protocol.json.JsonBytes;
import dev.millrace.protocol.json.StrictJson;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/// What an upstream said was wrong, read from any of the shapes in use: OpenAI's object, llama-server's with a number
/// for a code, vLLM's without a frame, Ollama's bare text. *Immutable.*
///
/// @param message empty if it said nothing that can be shown
/// @param code a word; `null` if it gave none, or only a number
public record UpstreamError(
        String message,
        @Nullable String type,
        @Nullable String param,
        @Nullable String code) {
    /// Nothing that can be shown.
    public static final UpstreamError NOTHING = new UpstreamError("", null, null, null);

    private static final int LONGEST = 2_000;
    /// What upstreams answer is read as it is; only its bounds matter.
    private static final JsonFactory FACTORY = StrictJson.factory()
            .disable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .build();

    /// Reads the body of an error answer, or an event that says `error`. What is not understood says nothing.
    public static UpstreamError read(byte[] body, int from, int to) {
        try (JsonParser json = FACTORY.createParser(body, from, to - from)) {
            return json.nextToken() == JsonToken.START_OBJECT ? object(json) : NOTHING;
        } catch (IOException e) {
            return NOTHING;
        }
    }

    private static UpstreamError object(JsonParser json) throws IOException {
        String message = "";
        String type = null;
        String param = null;
        String code = null;
        while (json.nextToken() != JsonToken.END_OBJECT) {
            String name = json.currentName();
            JsonToken value = json.nextToken();
            switch (name) {
                case "error" -> {
                    if (value == JsonToken.START_OBJECT) {
                        return object(json); // what stands beside it adds nothing
                    }
                    message = text(json, value, message);
                }
                case "message" -> message = text(json, value, message);
                case "type" -> type = value == JsonToken.VALUE_STRING ? json.getText() : null;
                case "param" -> param = value == JsonToken.VALUE_STRING ? json.getText() : null;
                case "code" -> code = value == JsonToken.VALUE_STRING ? json.getText() : null;
                default -> json.skipChildren();
            }
        }
        return new UpstreamError(message, type, param, code);
    }

    private static String text(JsonParser json, JsonToken value, String otherwise) throws IOException {
        if (value != JsonToken.VALUE_STRING) {
            json.skipChildren();
            return otherwise;
        }
        String text = json.getText();
        return text.length() > LONGEST ? text.substring(0, LONGEST) : text;
    }

    /// True if it says that the model is not there.
    public boolean isAboutMissingModel(int status) {
        if (status != 404 && status != 421) {
            return false;
        }
        return "model_not_found".equals(code)
                || "wrong_instance".equals(code)
                || "NotFoundError".equals(type)
                || message.contains("model");
    }

    /// Appends it in the one shape that clients get.
    ///
    /// @param usualType where it names none
    /// @param usualCode where it names none
    public void write(JsonBytes out, String usualType, String usualCode) {
        out.ascii("{\"error\":{\"message\":").string(message);
        out.ascii(",\"type\":").string(type == null ? usualType : type);
        out.ascii(",\"param\":").stringOrNull(param);
        out.ascii(",\"code\":").string(code == null ? usualCode : code).ascii("}}");
    }
}
