package dev.millrace.protocol.openai;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// Collects the fields that both dialect requests share, each checked as it is met. *Confined to one thread.*
final class FieldReader {
    private static final double MAX_REPEAT_PENALTY = 10;
    private static final int MAX_TOP_K = 1_000_000;
    private static final double MAX_LOGIT_BIAS = 100;

    private final JsonCursor json;
    private @Nullable String model;
    private boolean stream;
    private boolean includeUsage;
    private @Nullable Integer maxTokens;
    private @Nullable Integer maxCompletionTokens;
    private List<String> stops = List.of();
    private boolean ignoreEos;
    private int minTokens;
    private @Nullable Duration keepAlive;
    private @Nullable Double temperature;
    private @Nullable Double topP;
    private @Nullable Integer topK;
    private @Nullable Double minP;
    private @Nullable Double repeatPenalty;
    private @Nullable Integer repeatLastN;
    private @Nullable Double presencePenalty;
    private @Nullable Double frequencyPenalty;
    private @Nullable Long seed;
    private Map<Integer, Float> logitBias = Map.of();

    FieldReader(JsonCursor json) {
        this.json = json;
    }

    /// Reads the value of `name` if the field is one of the shared ones.
    ///
    /// @return false if it is not; nothing was read then
    boolean read(String name) throws IOException, RefusedException {
        switch (name) {
            case "model" -> model = json.text(name);
            case "stream" -> stream = json.bool(name);
            case "stream_options" -> streamOptions();
            case "max_tokens" -> maxTokens = positive(name);
            case "max_completion_tokens" -> maxCompletionTokens = positive(name);
            case "stop" -> stops = stop();
            case "ignore_eos" -> ignoreEos = json.bool(name);
            case "min_tokens" -> minTokens = (int) json.whole(name, 0, Integer.MAX_VALUE);
            case "keep_alive" -> keepAlive = KeepAlive.read(json, name);
            case "cache_prompt" -> json.bool(name); // answers are the same either way; the engine decides
            default -> {
                return readSampling(name);
            }
        }
        return true;
    }

    private boolean readSampling(String name) throws IOException, RefusedException {
        switch (name) {
            case "temperature" -> temperature = json.real(name, 0, 2);
            case "top_p" -> topP = json.real(name, 0, 1);
            case "top_k" -> topK = (int) json.whole(name, -1, MAX_TOP_K);
            case "min_p" -> minP = json.real(name, 0, 1);
            case "repeat_penalty", "repetition_penalty" -> repeatPenalty = repeatPenalty(name);
            case "repeat_last_n" -> repeatLastN = (int) json.whole(name, -1, RequestFields.MAX_REPEAT_LAST_N);
            case "presence_penalty" -> presencePenalty = json.real(name, -2, 2);
            case "frequency_penalty" -> frequencyPenalty = json.real(name, -2, 2);
            case "seed" -> seed = json.whole(name, Long.MIN_VALUE, Long.MAX_VALUE);
            case "logit_bias" -> logitBias = logitBias();
            default -> {
                return false;
            }
        }
        return true;
    }

    /// What was collected.
    ///
    /// @param logprobs [RequestFields#NO_LOGPROBS] or a number of rivals
    RequestFields fields(int logprobs) throws RefusedException {
        if (model == null) {
            throw RefusedException.invalid("model", "the name of a model; GET /v1/models lists them");
        }
        Integer limit = maxCompletionTokens != null ? maxCompletionTokens : maxTokens;
        if (limit != null && minTokens > limit) {
            throw RefusedException.invalid("min_tokens", "at most the maximum number of tokens");
        }
        var sampling = new RequestFields.SamplingFields(
                temperature,
                topP,
                topK,
                minP,
                repeatPenalty,
                repeatLastN,
                presencePenalty,
                frequencyPenalty,
                seed,
                logitBias);
        return new RequestFields(
                model, stream, includeUsage, limit, stops, ignoreEos, minTokens, logprobs, keepAlive, sampling);
    }

    private int positive(String name) throws IOException, RefusedException {
        return (int) json.whole(name, 1, Integer.MAX_VALUE);
    }

    private double repeatPenalty(String name) throws IOException, RefusedException {
        double value = json.real(name, 0, MAX_REPEAT_PENALTY);
        if (value == 0) {
            throw RefusedException.invalid(name, "a number above 0");
        }
        return value;
    }

    private void streamOptions() throws IOException, RefusedException {
        if (!json.isObject()) {
            throw RefusedException.invalid("stream_options", "an object");
        }
        for (String name = json.nextField(); name != null; name = json.nextField()) {
            if (name.equals("include_usage") && !json.isNull()) {
                includeUsage = json.bool("stream_options.include_usage");
            } else {
                json.skip();
            }
        }
    }

    private List<String> stop() throws IOException, RefusedException {
        if (json.isString()) {
            return List.of(stopString());
        }
        if (!json.isArray()) {
            throw RefusedException.invalid("stop", "a string or an array of strings");
        }
        var list = new ArrayList<String>();
        for (json.next(); !json.isArrayEnd(); json.next()) {
            if (list.size() == RequestFields.MAX_STOPS) {
                throw RefusedException.invalid("stop", "at most " + RequestFields.MAX_STOPS + " strings");
            }
            list.add(stopString());
        }
        return list;
    }

    private String stopString() throws IOException, RefusedException {
        String text = json.text("stop");
        // The cheap test first: no string of more characters has fewer bytes.
        if (text.isEmpty()
                || text.length() > RequestFields.MAX_STOP_BYTES
                || text.getBytes(StandardCharsets.UTF_8).length > RequestFields.MAX_STOP_BYTES) {
            throw RefusedException.invalid("stop", "strings of 1 to " + RequestFields.MAX_STOP_BYTES + " bytes");
        }
        return text;
    }

    private Map<Integer, Float> logitBias() throws IOException, RefusedException {
        if (!json.isObject()) {
            throw RefusedException.invalid("logit_bias", "an object of token ids and numbers");
        }
        var biases = new TreeMap<Integer, Float>();
        for (String name = json.nextField(); name != null; name = json.nextField()) {
            if (biases.size() == RequestFields.MAX_LOGIT_BIASES) {
                throw RefusedException.invalid("logit_bias", "at most " + RequestFields.MAX_LOGIT_BIASES + " entries");
            }
            biases.put(tokenId(name), (float) json.real("logit_bias", -MAX_LOGIT_BIAS, MAX_LOGIT_BIAS));
        }
        return biases;
    }

    private static int tokenId(String name) throws RefusedException {
        boolean digits = !name.isEmpty() && name.length() <= 9 && name.chars().allMatch(c -> c >= '0' && c <= '9');
        if (!digits) {
            throw RefusedException.invalid("logit_bias", "token ids as keys");
        }
        return Integer.parseInt(name);
    }
}
