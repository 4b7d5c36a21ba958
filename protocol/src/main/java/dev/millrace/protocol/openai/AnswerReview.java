package dev.millrace.protocol.openai;

import static java.nio.charset.StandardCharsets.US_ASCII;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadFeature;
import dev.millrace.protocol.json.StrictJson;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// Looks back at an answer that was sent, whole or as a stream of this server's own form (`data: {…}`, an empty
/// line, `data: [DONE]`): whether it is all there, how each choice ended, and where its id stands. *Confined to
/// one thread.*
public final class AnswerReview {
    /// The reason of a choice that never said one.
    public static final String NO_REASON = "";

    /// Most choices that are told apart.
    private static final int MOST_CHOICES = 255;

    private static final byte[] DATA = "data: ".getBytes(US_ASCII);
    private static final byte[] END = "\n\n".getBytes(US_ASCII);
    private static final byte[] DONE = "[DONE]".getBytes(US_ASCII);
    private static final JsonFactory FACTORY = StrictJson.factory()
            .disable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .build();

    private final Map<Integer, String> reasons = new TreeMap<>();
    private final List<RelayRequest.Span> ids = new ArrayList<>();
    private boolean ended;
    private boolean error;

    private AnswerReview() {}

    /// Looks at one JSON object.
    public static AnswerReview whole(byte[] answer) {
        var review = new AnswerReview();
        review.ended = review.object(answer, 0, answer.length);
        return review;
    }

    /// Looks at a stream; what does not have the form above makes it one that has not ended.
    public static AnswerReview stream(byte[] answer) {
        var review = new AnswerReview();
        review.events(answer);
        return review;
    }

    /// All of it is there, and nothing behind its end.
    public boolean isEnded() {
        return ended;
    }

    /// It says that something went wrong.
    public boolean isError() {
        return error;
    }

    /// Why each choice ended, by index; [#NO_REASON] for one that has not.
    public List<String> reasons() {
        return List.copyOf(reasons.values());
    }

    /// Where the id stands, without its quotes, in the order of the places.
    public List<RelayRequest.Span> ids() {
        return List.copyOf(ids);
    }

    private void events(byte[] answer) {
        for (int at = 0; at < answer.length; ) {
            int to = endOfEvent(answer, at);
            int from = at + DATA.length;
            if (to < from || !Arrays.equals(answer, at, from, DATA, 0, DATA.length)) {
                return;
            }
            at = to + END.length;
            if (Arrays.equals(answer, from, to, DONE, 0, DONE.length)) {
                ended = at == answer.length;
                return;
            }
            if (!object(answer, from, to)) {
                return;
            }
        }
    }

    private static int endOfEvent(byte[] answer, int from) {
        for (int i = from; i + 1 < answer.length; i++) {
            if (answer[i] == '\n' && answer[i + 1] == '\n') {
                return i;
            }
        }
        return -1;
    }

    private boolean object(byte[] bytes, int from, int to) {
        try (JsonParser json = FACTORY.createParser(bytes, from, to - from)) {
            if (json.nextToken() != JsonToken.START_OBJECT) {
                return false;
            }
            top(json, from);
            return json.nextToken() == null;
        } catch (IOException e) {
            return false;
        }
    }

    private void top(JsonParser json, int base) throws IOException {
        while (json.nextToken() != JsonToken.END_OBJECT) {
            String name = json.currentName();
            JsonToken value = json.nextToken();
            switch (name) {
                case "id" -> id(json, value, base);
                case "choices" -> choices(json, value);
                case "error" -> {
                    error |= value != JsonToken.VALUE_NULL;
                    json.skipChildren();
                }
                default -> json.skipChildren();
            }
        }
    }

    private void id(JsonParser json, JsonToken value, int base) throws IOException {
        if (value != JsonToken.VALUE_STRING) {
            json.skipChildren();
            return;
        }
        int from = base + (int) json.currentTokenLocation().getByteOffset();
        json.finishToken();
        int to = base + (int) json.currentLocation().getByteOffset();
        if (to - from > 2) {
            ids.add(new RelayRequest.Span(from + 1, to - 1));
        }
    }

    private void choices(JsonParser json, JsonToken value) throws IOException {
        if (value != JsonToken.START_ARRAY) {
            json.skipChildren();
            return;
        }
        for (int place = 0; json.nextToken() != JsonToken.END_ARRAY; place++) {
            if (json.currentToken() == JsonToken.START_OBJECT) {
                choice(json, place);
            } else {
                json.skipChildren();
            }
        }
    }

    private void choice(JsonParser json, int place) throws IOException {
        int index = place;
        @Nullable String reason = null;
        while (json.nextToken() != JsonToken.END_OBJECT) {
            String name = json.currentName();
            JsonToken value = json.nextToken();
            if (name.equals("index") && value == JsonToken.VALUE_NUMBER_INT) {
                index = json.getIntValue();
            } else if (name.equals("finish_reason") && value == JsonToken.VALUE_STRING) {
                reason = json.getText();
            } else {
                json.skipChildren();
            }
        }
        if (reason != null) {
            reasons.put(index, reason);
        } else if (reasons.size() < MOST_CHOICES) {
            reasons.putIfAbsent(index, NO_REASON);
        }
    }
}
