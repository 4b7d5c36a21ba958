package dev.millrace.protocol.openai;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import dev.millrace.core.error.ErrorCode;
import dev.millrace.protocol.json.StrictJson;
import dev.millrace.protocol.json.Utf8;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Typed reading of one JSON document with an exact complaint for everything that does not fit. *Confined to one
/// thread.*
///
/// The readers stand on a value and leave the parser on its last token.
final class JsonCursor implements AutoCloseable {
    private static final int MAX_FREE_VALUES = 1000;

    private static final JsonFactory FACTORY = StrictJson.factory().build();

    private final JsonParser parser;

    JsonCursor(byte[] body) throws IOException {
        parser = FACTORY.createParser(body);
    }

    JsonToken next() throws IOException {
        return parser.nextToken();
    }

    /// The next field's name, standing on its value then; `null` at the end of the object.
    @Nullable
    String nextField() throws IOException {
        if (parser.nextToken() != JsonToken.FIELD_NAME) {
            return null;
        }
        String name = parser.currentName();
        parser.nextToken();
        return name;
    }

    /// Where the value starts in the body, in bytes.
    int valueStart() {
        return (int) parser.currentTokenLocation().getByteOffset();
    }

    /// How far the body was read, in bytes: after a value was taken or skipped, its end.
    int readTo() throws IOException {
        parser.finishToken(); // text is read when it is asked for; constants and numbers are complete at once
        return (int) parser.currentLocation().getByteOffset();
    }

    boolean isNull() {
        return parser.currentToken() == JsonToken.VALUE_NULL;
    }

    boolean isObject() {
        return parser.currentToken() == JsonToken.START_OBJECT;
    }

    boolean isArray() {
        return parser.currentToken() == JsonToken.START_ARRAY;
    }

    boolean isString() {
        return parser.currentToken() == JsonToken.VALUE_STRING;
    }

    boolean isArrayEnd() {
        return parser.currentToken() == JsonToken.END_ARRAY;
    }

    boolean isWholeNumber() {
        return parser.currentToken() == JsonToken.VALUE_NUMBER_INT;
    }

    /// Goes to the end of the value.
    void skip() throws IOException {
        parser.skipChildren();
    }

    /// True if the value is an array or object with nothing in it; goes to its end.
    boolean skipWasEmpty() throws IOException {
        JsonToken start = parser.currentToken();
        if (start != JsonToken.START_ARRAY && start != JsonToken.START_OBJECT) {
            return false;
        }
        boolean empty = false;
        int depth = 1;
        for (int seen = 0; depth > 0; seen++) {
            JsonToken token = parser.nextToken();
            depth += token.isStructStart() ? 1 : token.isStructEnd() ? -1 : 0;
            empty = seen == 0 && depth == 0;
        }
        return empty;
    }

    /// Goes to the end of the value and says how many texts and lists it has as an array's members; 0 if it is
    /// none.
    int skipCountingTexts() throws IOException {
        if (!isArray()) {
            parser.skipChildren();
            return 0;
        }
        int found = 0;
        while (parser.nextToken() != JsonToken.END_ARRAY) {
            found += isString() || isArray() ? 1 : 0;
            parser.skipChildren();
        }
        return found;
    }

    /// A whole number, brought into `0..most`.
    int small(int most) throws IOException {
        return parser.getNumberType() == JsonParser.NumberType.INT ? Math.clamp(parser.getIntValue(), 0, most) : most;
    }

    /// What the value says of chance if it is a temperature; goes to its end.
    Draw.Given given() throws IOException {
        return switch (parser.currentToken()) {
            case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT ->
                parser.getDoubleValue() == 0 ? Draw.Given.ZERO : Draw.Given.OTHER;
            default -> {
                parser.skipChildren();
                yield Draw.Given.NOT;
            }
        };
    }

    boolean bool(String param) throws RefusedException {
        return switch (parser.currentToken()) {
            case VALUE_TRUE -> true;
            case VALUE_FALSE -> false;
            default -> throw RefusedException.invalid(param, "true or false");
        };
    }

    /// A whole number within `low..high`.
    long whole(String param, long low, long high) throws IOException, RefusedException {
        if (isWholeNumber() && parser.getNumberType() != JsonParser.NumberType.BIG_INTEGER) {
            long value = parser.getLongValue();
            if (value >= low && value <= high) {
                return value;
            }
        }
        throw RefusedException.invalid(param, "a whole number from " + low + " to " + high);
    }

    /// A number within `low..high`, both included.
    double real(String param, double low, double high) throws IOException, RefusedException {
        JsonToken token = parser.currentToken();
        if (token == JsonToken.VALUE_NUMBER_FLOAT || token == JsonToken.VALUE_NUMBER_INT) {
            double value = parser.getDoubleValue();
            if (value >= low && value <= high) {
                return value;
            }
        }
        throw RefusedException.invalid(param, "a number from " + plain(low) + " to " + plain(high));
    }

    /// A string of clean text.
    String text(String param) throws IOException, RefusedException {
        if (!isString()) {
            throw RefusedException.invalid(param, "a string");
        }
        return clean(parser.getText(), param);
    }

    /// An object of any values, as maps, lists, strings, numbers and booleans; `null` values are left out.
    Map<String, Object> freeObject(String param) throws IOException, RefusedException {
        if (!isObject()) {
            throw RefusedException.invalid(param, "an object");
        }
        return freeMap(param, new int[1]);
    }

    private Map<String, Object> freeMap(String param, int[] count) throws IOException, RefusedException {
        var map = new LinkedHashMap<String, Object>();
        for (String name = nextField(); name != null; name = nextField()) {
            String key = clean(name, param);
            Object value = freeValue(param, count);
            if (value != null) {
                map.put(key, value);
            }
        }
        return map;
    }

    private List<Object> freeList(String param, int[] count) throws IOException, RefusedException {
        var list = new ArrayList<Object>();
        while (parser.nextToken() != JsonToken.END_ARRAY) {
            Object value = freeValue(param, count);
            if (value != null) {
                list.add(value);
            }
        }
        return list;
    }

    // Recursion is bounded by MAX_DEPTH.
    private @Nullable Object freeValue(String param, int[] count) throws IOException, RefusedException {
        if (++count[0] > MAX_FREE_VALUES) {
            throw RefusedException.invalid(param, "at most " + MAX_FREE_VALUES + " values");
        }
        return switch (parser.currentToken()) {
            case START_OBJECT -> freeMap(param, count);
            case START_ARRAY -> freeList(param, count);
            case VALUE_TRUE -> true;
            case VALUE_FALSE -> false;
            case VALUE_NUMBER_INT -> whole(param, Long.MIN_VALUE, Long.MAX_VALUE);
            case VALUE_NUMBER_FLOAT -> real(param, -Double.MAX_VALUE, Double.MAX_VALUE);
            case VALUE_STRING -> text(param);
            default -> null;
        };
    }

    private static String clean(String text, String param) throws RefusedException {
        if (!Utf8.isCleanText(text)) {
            throw new RefusedException(
                    ErrorCode.INVALID_UTF8, param + ": not valid Unicode text (lone surrogate or NUL).", param);
        }
        return text;
    }

    private static String plain(double bound) {
        return bound == Math.rint(bound) && Math.abs(bound) < 1e9
                ? Long.toString((long) bound)
                : Double.toString(bound);
    }

    @Override
    public void close() throws IOException {
        parser.close();
    }
}
