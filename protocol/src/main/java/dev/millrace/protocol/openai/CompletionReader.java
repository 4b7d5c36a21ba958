package dev.millrace.protocol.openai;

import dev.millrace.protocol.openai.CompletionRequest.PromptField;
import java.io.IOException;
import java.util.ArrayList;
import org.jspecify.annotations.Nullable;

/// Reads `/v1/completions`. *Confined to one thread.*
final class CompletionReader {
    private static final String PROMPT = "a string, an array of one string, or an array of token ids; not empty";

    private final JsonCursor json;
    private final FieldReader common;
    private @Nullable PromptField prompt;
    private int logprobs = RequestFields.NO_LOGPROBS;

    private CompletionReader(JsonCursor json) {
        this.json = json;
        this.common = new FieldReader(json);
    }

    static CompletionRequest read(JsonCursor json) throws IOException, RefusedException {
        var reader = new CompletionReader(json);
        for (String name = json.nextField(); name != null; name = json.nextField()) {
            reader.field(name);
        }
        if (reader.prompt == null) {
            throw RefusedException.invalid("prompt", PROMPT);
        }
        return new CompletionRequest(reader.common.fields(reader.logprobs), reader.prompt);
    }

    private void field(String name) throws IOException, RefusedException {
        if (json.isNull()) {
            return; // null says "not given"
        }
        switch (name) {
            case "prompt" -> prompt = prompt();
            case "logprobs" -> logprobs = (int) json.whole(name, 0, RequestFields.MAX_TOP_LOGPROBS);
            default -> {
                if (!common.read(name) && !Unsupported.read(json, name)) {
                    json.skip();
                }
            }
        }
    }

    private PromptField prompt() throws IOException, RefusedException {
        if (json.isString()) {
            return text();
        }
        if (json.isArray()) {
            json.next();
            if (json.isString()) {
                PromptField only = text();
                json.next();
                if (!json.isArrayEnd()) {
                    throw RefusedException.unsupported("prompt", "only one prompt per request is supported.");
                }
                return only;
            }
            if (json.isWholeNumber()) {
                return tokens();
            }
            if (json.isArray()) {
                throw RefusedException.unsupported("prompt", "only one prompt per request is supported.");
            }
        }
        throw RefusedException.invalid("prompt", PROMPT);
    }

    private PromptField text() throws IOException, RefusedException {
        String text = json.text("prompt");
        if (text.isEmpty()) {
            throw RefusedException.invalid("prompt", PROMPT);
        }
        return new PromptField.Text(text);
    }

    private PromptField tokens() throws IOException, RefusedException {
        var tokens = new ArrayList<Integer>();
        for (; !json.isArrayEnd(); json.next()) {
            if (tokens.size() == CompletionRequest.MAX_PROMPT_TOKENS) {
                throw RefusedException.invalid(
                        "prompt", "at most " + CompletionRequest.MAX_PROMPT_TOKENS + " token ids");
            }
            tokens.add((int) json.whole("prompt", 0, Integer.MAX_VALUE));
        }
        return new PromptField.Tokens(tokens);
    }
}
