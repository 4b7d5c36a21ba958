package dev.millrace.protocol.openai;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadFeature;
import dev.millrace.protocol.json.StrictJson;
import java.io.IOException;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Looks through an answer of an upstream, or through one event of it, for what a gateway has to know: whether it is
/// sound, whether there is content, why it ended, what it cost, which model it names. Nothing is bound. One scan is
/// used for many answers; its findings hold until the next. *Confined to one thread.*
public final class AnswerScan {
    /// Deltas that the client sees nothing of by themselves: an answer that has sent only these can still come from
    /// somewhere else.
    private static final Set<String> LIFECYCLE = Set.of("role", "name");

    /// What upstreams answer is read as it is; only its bounds matter.
    private static final JsonFactory FACTORY = StrictJson.factory()
            .disable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .build();

    private boolean error;
    private boolean content;
    private boolean choices;
    private boolean usageSeen;
    private int finished;
    private @Nullable String finishWord;
    private @Nullable String model;
    private int modelFrom;
    private int modelTo;
    private int promptTokens;
    private int completionTokens;
    private int cachedTokens;

    /// Looks through `bytes` from `from` to `to`.
    ///
    /// @return false if they are not one sound JSON object; there are no findings then
    public boolean read(byte[] bytes, int from, int to) {
        forget();
        try (JsonParser json = FACTORY.createParser(bytes, from, to - from)) {
            if (json.nextToken() != JsonToken.START_OBJECT) {
                return false;
            }
            top(json, from);
            return json.nextToken() == null;
        } catch (IOException e) {
            forget();
            return false;
        }
    }

    private void forget() {
        error = false;
        content = false;
        choices = false;
        usageSeen = false;
        finished = 0;
        finishWord = null;
        model = null;
        promptTokens = 0;
        completionTokens = 0;
        cachedTokens = 0;
    }

    private void top(JsonParser json, int base) throws IOException {
        while (json.nextToken() != JsonToken.END_OBJECT) {
            String name = json.currentName();
            JsonToken value = json.nextToken();
            switch (name) {
                case "model" -> model(json, value, base);
                case "choices" -> choices(json, value);
                case "usage" -> usage(json, value);
                case "error" -> {
                    error = value != JsonToken.VALUE_NULL;
                    json.skipChildren();
                }
                // vLLM answers some failures without the usual frame
                case "object" ->
                    error |= value == JsonToken.VALUE_STRING && json.getText().equals("error");
                case "data" -> {
                    content |= value == JsonToken.START_ARRAY;
                    json.skipChildren();
                }
                default -> json.skipChildren();
            }
        }
    }

    private void model(JsonParser json, JsonToken value, int base) throws IOException {
        if (value != JsonToken.VALUE_STRING) {
            json.skipChildren();
            return;
        }
        modelFrom = base + (int) json.currentTokenLocation().getByteOffset();
        model = json.getText();
        modelTo = base + (int) json.currentLocation().getByteOffset();
    }

    private void choices(JsonParser json, JsonToken value) throws IOException {
        if (value != JsonToken.START_ARRAY) {
            json.skipChildren();
            return;
        }
        while (json.nextToken() != JsonToken.END_ARRAY) {
            choices = true;
            if (json.currentToken() == JsonToken.START_OBJECT) {
                choice(json);
            } else {
                json.skipChildren();
            }
        }
    }

    private void choice(JsonParser json) throws IOException {
        while (json.nextToken() != JsonToken.END_OBJECT) {
            String name = json.currentName();
            JsonToken value = json.nextToken();
            switch (name) {
                case "finish_reason" -> {
                    if (value == JsonToken.VALUE_STRING) {
                        finishWord = json.getText();
                        finished++;
                    }
                }
                case "text" -> content |= value == JsonToken.VALUE_STRING && json.getTextLength() > 0;
                case "delta" -> delta(json, value);
                case "message" -> {
                    content |= value == JsonToken.START_OBJECT;
                    json.skipChildren();
                }
                default -> json.skipChildren();
            }
        }
    }

    private void delta(JsonParser json, JsonToken start) throws IOException {
        if (start != JsonToken.START_OBJECT) {
            json.skipChildren();
            return;
        }
        while (json.nextToken() != JsonToken.END_OBJECT) {
            String name = json.currentName();
            JsonToken value = json.nextToken();
            boolean says = switch (value) {
                case VALUE_STRING -> json.getTextLength() > 0;
                case START_ARRAY, START_OBJECT -> true;
                default -> false;
            };
            content |= says && !LIFECYCLE.contains(name);
            json.skipChildren();
        }
    }

    private void usage(JsonParser json, JsonToken start) throws IOException {
        if (start != JsonToken.START_OBJECT) {
            json.skipChildren();
            return;
        }
        usageSeen = true;
        while (json.nextToken() != JsonToken.END_OBJECT) {
            String name = json.currentName();
            JsonToken value = json.nextToken();
            switch (name) {
                case "prompt_tokens" -> promptTokens = count(json, value);
                case "completion_tokens" -> completionTokens = count(json, value);
                case "prompt_tokens_details" -> details(json, value);
                default -> json.skipChildren();
            }
        }
    }

    private void details(JsonParser json, JsonToken start) throws IOException {
        if (start != JsonToken.START_OBJECT) {
            json.skipChildren();
            return;
        }
        while (json.nextToken() != JsonToken.END_OBJECT) {
            String name = json.currentName();
            JsonToken value = json.nextToken();
            if (name.equals("cached_tokens")) {
                cachedTokens = count(json, value);
            } else {
                json.skipChildren();
            }
        }
    }

    /// A count that makes no sense is none.
    private static int count(JsonParser json, JsonToken value) throws IOException {
        if (value != JsonToken.VALUE_NUMBER_INT) {
            json.skipChildren();
            return 0;
        }
        boolean fits = json.getNumberType() == JsonParser.NumberType.INT;
        return fits ? Math.max(0, json.getIntValue()) : 0;
    }

    /// True if it says that something went wrong.
    public boolean isError() {
        return error;
    }

    /// True if it has something that the client is to see.
    public boolean hasContent() {
        return content;
    }

    /// True if it has at least one choice.
    public boolean hasChoices() {
        return choices;
    }

    /// True if it says what the answer cost.
    public boolean hasUsage() {
        return usageSeen;
    }

    /// How many choices ended in it.
    public int finished() {
        return finished;
    }

    /// Why the last of these ended; `null` if none did.
    public @Nullable String finishWord() {
        return finishWord;
    }

    /// The model that it names; `null` if none.
    public @Nullable String model() {
        return model;
    }

    /// Where the model's name begins, with its quotes.
    public int modelFrom() {
        return modelFrom;
    }

    /// Where it ends.
    public int modelTo() {
        return modelTo;
    }

    /// Tokens of the prompt.
    public int promptTokens() {
        return promptTokens;
    }

    /// Tokens of the answer.
    public int completionTokens() {
        return completionTokens;
    }

    /// Tokens of the prompt that were computed before.
    public int cachedTokens() {
        return cachedTokens;
    }
}
