package dev.millrace.protocol.openai;

import dev.millrace.core.error.ErrorCode;
import dev.millrace.protocol.openai.RelayRequest.Span;
import dev.millrace.protocol.openai.RelayRequest.UsageSpot;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/// Looks through a body that will be passed on: it must be sound JSON within the usual limits and name a model;
/// what else it says is the upstream's business. *Confined to one thread.*
final class RelayReader {
    private static final int MOST_CHOICES = 1_000;

    private final JsonCursor json;
    private @Nullable String model;
    private Span modelAt = Span.NONE;
    private boolean stream;
    private boolean usageAsked;
    private UsageSpot usageAt;
    private Span promptAt = Span.NONE;
    private @Nullable String cacheKey;
    private @Nullable String user;
    private Draw.Given temperature = Draw.Given.NOT;
    private boolean seeded;
    private int choices = 1;
    private int prompts = 1;

    private RelayReader(JsonCursor json) {
        this.json = json;
        usageAt = new UsageSpot.NewOptions(json.valueStart() + 1);
    }

    static RelayRequest read(JsonCursor json) throws IOException, RefusedException {
        return new RelayReader(json).look();
    }

    private RelayRequest look() throws IOException, RefusedException {
        for (String name = json.nextField(); name != null; name = json.nextField()) {
            switch (name) {
                case "model" -> model();
                case "stream" -> stream = !json.isNull() && json.bool(name);
                case "stream_options" -> streamOptions();
                case "messages", "input" -> promptAt = skip();
                case "prompt" -> prompt();
                case "temperature" -> temperature = json.isNull() ? Draw.Given.NOT : json.given();
                case "seed" -> seeded = json.isWholeNumber();
                case "n" -> choices = choices();
                case "prompt_cache_key" -> cacheKey = textOrSkip();
                case "user" -> user = textOrSkip();
                default -> json.skip();
            }
        }
        if (model == null) {
            throw RefusedException.invalid("model", "the name of a model; GET /v1/models lists them");
        }
        String session = cacheKey != null ? cacheKey : user;
        Draw draw = new Draw(temperature, seeded, Math.max(1, choices * prompts));
        return new RelayRequest(model, modelAt, stream, usageAsked, usageAt, promptAt, session, draw);
    }

    private void model() throws IOException, RefusedException {
        int from = json.valueStart();
        model = json.text("model");
        modelAt = new Span(from, json.readTo());
        if (model.isEmpty()) {
            throw new RefusedException(ErrorCode.INVALID_REQUEST, "model: empty (expected: a name).", "model");
        }
    }

    private @Nullable String textOrSkip() throws IOException, RefusedException {
        if (json.isString()) {
            return json.text("user");
        }
        json.skip();
        return null;
    }

    private Span skip() throws IOException {
        int from = json.valueStart();
        json.skip();
        return new Span(from, json.readTo());
    }

    /// What is no count is the upstream's to refuse.
    private int choices() throws IOException {
        if (json.isWholeNumber()) {
            return json.small(MOST_CHOICES);
        }
        json.skip();
        return 1;
    }

    /// Several prompts at once have their answers each; tokens are one prompt.
    private void prompt() throws IOException {
        int from = json.valueStart();
        prompts = Math.clamp(json.skipCountingTexts(), 1, MOST_CHOICES);
        promptAt = new Span(from, json.readTo());
    }

    private void streamOptions() throws IOException, RefusedException {
        int from = json.valueStart();
        if (json.isNull()) {
            usageAt = new UsageSpot.ReplaceOptions(new Span(from, json.readTo()));
            return;
        }
        if (!json.isObject()) {
            throw RefusedException.invalid("stream_options", "an object");
        }
        boolean alone = true;
        UsageSpot found = null;
        for (String name = json.nextField(); name != null; name = json.nextField()) {
            alone = false;
            if (name.equals("include_usage")) {
                int valueFrom = json.valueStart();
                usageAsked = !json.isNull() && json.bool("stream_options.include_usage");
                found = new UsageSpot.Replace(new Span(valueFrom, json.readTo()));
            } else {
                json.skip();
            }
        }
        usageAt = found != null ? found : new UsageSpot.NewField(from + 1, alone);
    }
}
