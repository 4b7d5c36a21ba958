package dev.millrace.protocol.json;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import dev.millrace.protocol.json.CanonicalJson.Form;
import dev.millrace.protocol.json.CanonicalJson.Reason;
import dev.millrace.protocol.json.CanonicalJson.Refused;
import java.io.IOException;
import java.util.Arrays;

/// One pass over the tokens of a text. *Confined to one thread.*
///
/// Members are written as they come, and an object's are put in order at its end, by moving their bytes. An inner
/// object is in order by then, so a byte moves at most once per level, and never if the names came sorted.
final class Canonicalizer {
    // Sorting brings equal names together, so the parser need not remember the names as well.
    private static final JsonFactory FACTORY = StrictJson.factory()
            .disable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .build();

    private final JsonParser parser;
    private final CanonicalBytes out;
    private final char[] nameChars = new char[StrictJson.MAX_NAME_LENGTH];
    private Member[] members = new Member[16];
    private int open;

    private Canonicalizer(JsonParser parser, int capacity) {
        this.parser = parser;
        this.out = new CanonicalBytes(capacity);
    }

    static CanonicalJson canonicalize(byte[] json) {
        if (!Utf8.isCleanText(json)) {
            return new Refused(Reason.NOT_TEXT);
        }
        try (JsonParser parser = FACTORY.createParser(json)) {
            return new Form(new Canonicalizer(parser, json.length).document());
        } catch (RefusalException e) {
            return new Refused(e.reason);
        } catch (StreamConstraintsException e) {
            return new Refused(Reason.OVER_LIMIT);
        } catch (IOException e) {
            return new Refused(Reason.MALFORMED);
        }
    }

    private byte[] document() throws IOException, RefusalException {
        JsonToken first = parser.nextToken();
        if (first != JsonToken.START_OBJECT) {
            throw new RefusalException(first == null ? Reason.MALFORMED : Reason.NOT_AN_OBJECT);
        }
        object();
        if (parser.nextToken() != null) {
            throw new RefusalException(Reason.MALFORMED);
        }
        return out.toByteArray();
    }

    private void object() throws IOException, RefusalException {
        int base = open;
        out.put('{');
        for (String name = parser.nextFieldName(); name != null; name = parser.nextFieldName()) {
            if (open > base) {
                out.put(',');
            }
            int start = out.size();
            name(name);
            value(parser.nextToken());
            push(new Member(name, start, out.size()));
        }
        sort(base);
        open = base;
        out.put('}');
    }

    private void array() throws IOException, RefusalException {
        out.put('[');
        boolean first = true;
        for (JsonToken token = parser.nextToken(); token != JsonToken.END_ARRAY; token = parser.nextToken()) {
            if (!first) {
                out.put(',');
            }
            first = false;
            value(token);
        }
        out.put(']');
    }

    // The depth of the recursion is the parser's to limit.
    private void value(JsonToken token) throws IOException, RefusalException {
        switch (token) {
            case START_OBJECT -> object();
            case START_ARRAY -> array();
            case VALUE_STRING ->
                require(
                        out.string(parser.getTextCharacters(), parser.getTextOffset(), parser.getTextLength()),
                        Reason.NOT_TEXT);
            case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT ->
                require(
                        out.number(parser.getTextCharacters(), parser.getTextOffset(), parser.getTextLength()),
                        Reason.OVER_LIMIT);
            case VALUE_TRUE -> out.ascii("true");
            case VALUE_FALSE -> out.ascii("false");
            case VALUE_NULL -> out.ascii("null");
            default -> throw new RefusalException(Reason.MALFORMED);
        }
    }

    private void name(String name) throws RefusalException {
        // The parser counts bytes before it decodes an escape, so no name can be longer than the array; were it, this
        // refusal is better than an exception.
        require(name.length() <= nameChars.length, Reason.OVER_LIMIT);
        name.getChars(0, name.length(), nameChars, 0);
        require(out.string(nameChars, 0, name.length()), Reason.NOT_TEXT);
        out.put(':');
    }

    private void push(Member member) {
        if (open == members.length) {
            members = Arrays.copyOf(members, open * 2);
        }
        members[open++] = member;
    }

    private void sort(int base) throws RefusalException {
        boolean sorted = true;
        for (int i = base + 1; i < open && sorted; i++) {
            sorted = members[i - 1].compareTo(members[i]) < 0;
        }
        if (sorted) {
            return;
        }
        int start = members[base].start();
        Arrays.sort(members, base, open);
        for (int i = base + 1; i < open; i++) {
            require(!members[i].name().equals(members[i - 1].name()), Reason.DUPLICATE_NAME);
        }
        out.arrange(members, base, open, start);
    }

    private static void require(boolean good, Reason reason) throws RefusalException {
        if (!good) {
            throw new RefusalException(reason);
        }
    }

    /// A member whose bytes, name and value, lie at `start` up to `end`.
    record Member(String name, int start, int end) implements Comparable<Member> {
        @Override
        public int compareTo(Member other) {
            return name.compareTo(other.name); // by UTF-16 code unit, as it should be
        }
    }

    private static final class RefusalException extends Exception {
        private static final long serialVersionUID = 1L;

        private final Reason reason;

        RefusalException(Reason reason) {
            super(reason.name(), null, false, false);
            this.reason = reason;
        }
    }
}
