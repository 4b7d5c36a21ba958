package dev.millrace.protocol.openai;

import dev.millrace.core.error.ErrorCode;
import dev.millrace.protocol.openai.CompletionRequest.PromptField;
import dev.millrace.protocol.openai.EmbeddingsRequest.Encoding;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Reads `/v1/embeddings`; fields it does not know are skipped, `user` among them. *Confined to one thread.*
final class EmbeddingsReader {
    private static final String INPUT = "input";
    private static final String EXPECTED =
            "a string, an array of strings, an array of token ids or an array of such arrays; none empty";

    private final JsonCursor json;
    private final List<PromptField> inputs = new ArrayList<>();
    private int tokens;
    private @Nullable String model;
    private Encoding encoding = Encoding.FLOAT;
    private @Nullable Integer dimensions;
    private @Nullable Duration keepAlive;

    private EmbeddingsReader(JsonCursor json) {
        this.json = json;
    }

    static EmbeddingsRequest read(JsonCursor json) throws IOException, RefusedException {
        var reader = new EmbeddingsReader(json);
        for (String name = json.nextField(); name != null; name = json.nextField()) {
            reader.field(name);
        }
        if (reader.model == null) {
            throw RefusedException.invalid("model", "the name of a model; GET /v1/models lists them");
        }
        if (reader.inputs.isEmpty()) {
            throw RefusedException.invalid(INPUT, EXPECTED);
        }
        return new EmbeddingsRequest(reader.model, reader.inputs, reader.encoding, reader.dimensions, reader.keepAlive);
    }

    private void field(String name) throws IOException, RefusedException {
        if (json.isNull()) {
            return; // null says "not given"
        }
        switch (name) {
            case "model" -> model = json.text(name);
            case INPUT -> input();
            case "encoding_format" -> encoding = encoding(json.text(name));
            case "dimensions" -> dimensions = (int) json.whole(name, 1, Integer.MAX_VALUE);
            case "keep_alive" -> keepAlive = KeepAlive.read(json, name);
            default -> json.skip();
        }
    }

    private static Encoding encoding(String word) throws RefusedException {
        return switch (word) {
            case "float" -> Encoding.FLOAT;
            case "base64" -> Encoding.BASE64;
            default -> throw RefusedException.invalid("encoding_format", "\"float\" or \"base64\"");
        };
    }

    private void input() throws IOException, RefusedException {
        if (json.isString()) {
            inputs.add(text());
            return;
        }
        if (!json.isArray()) {
            throw RefusedException.invalid(INPUT, EXPECTED);
        }
        json.next();
        if (json.isWholeNumber()) {
            inputs.add(tokens());
            return;
        }
        boolean texts = json.isString();
        for (; !json.isArrayEnd(); json.next()) {
            if (inputs.size() == EmbeddingsRequest.MAX_INPUTS) {
                throw RefusedException.invalid(INPUT, "at most " + EmbeddingsRequest.MAX_INPUTS + " inputs");
            }
            inputs.add(texts ? text() : tokenArray());
        }
    }

    private PromptField text() throws IOException, RefusedException {
        if (!json.isString()) {
            throw wrong("a string, as the first input is");
        }
        String text = json.text(INPUT);
        if (text.isEmpty()) {
            throw wrong("text that is not empty");
        }
        return new PromptField.Text(text);
    }

    private PromptField tokenArray() throws IOException, RefusedException {
        if (!json.isArray()) {
            throw inputs.isEmpty()
                    ? RefusedException.invalid(INPUT, EXPECTED)
                    : wrong("an array of token ids, as the first input is");
        }
        json.next();
        return tokens();
    }

    /// Stands on the first token of an array and goes to its end.
    private PromptField tokens() throws IOException, RefusedException {
        var ids = new ArrayList<Integer>();
        for (; !json.isArrayEnd(); json.next()) {
            if (++tokens > EmbeddingsRequest.MAX_TOKENS) {
                throw RefusedException.invalid(INPUT, "at most " + EmbeddingsRequest.MAX_TOKENS + " token ids in all");
            }
            ids.add((int) json.whole(INPUT, 0, Integer.MAX_VALUE));
        }
        if (ids.isEmpty()) {
            throw wrong("an array that is not empty");
        }
        return new PromptField.Tokens(ids);
    }

    /// About the input that would be the next.
    private RefusedException wrong(String expected) {
        return new RefusedException(
                ErrorCode.INVALID_REQUEST, "input[" + inputs.size() + "]: expected " + expected + ".", INPUT);
    }
}
