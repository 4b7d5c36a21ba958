package dev.millrace.models.download;

import java.time.DateTimeException;
import java.time.Duration;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Status and fields of a response. *Immutable.*
///
/// @param fields by lower-case name; of repeated fields the first
record Head(int status, Map<String, String> fields) {
    /// What `Content-Range` says; -1 for a total that is `*`.
    record ContentRange(long from, long last, long total) {}

    private static final Pattern STATUS = Pattern.compile("HTTP/1\\.[01] (\\d{3})(?: .*)?");
    private static final Pattern CONTENT_RANGE = Pattern.compile("bytes (\\d{1,18})-(\\d{1,18})/(\\d{1,18}|\\*)");
    private static final Pattern NUMBER = Pattern.compile("\\d{1,18}");

    Head {
        fields = Map.copyOf(fields);
    }

    /// Reads the lines of a head.
    ///
    /// @throws Trouble if they are not one clear response
    static Head parse(List<String> lines) throws Trouble {
        Matcher m = STATUS.matcher(lines.getFirst());
        if (!m.matches()) {
            throw broken("the source does not speak HTTP/1.1");
        }
        Map<String, String> fields = new HashMap<>();
        for (String line : lines.subList(1, lines.size())) {
            int colon = line.indexOf(':');
            if (colon <= 0 || line.charAt(colon - 1) == ' ' || line.charAt(0) == ' ' || line.charAt(0) == '\t') {
                throw broken("the source sent a malformed response");
            }
            String name = line.substring(0, colon).toLowerCase(Locale.ROOT);
            String value = line.substring(colon + 1).strip();
            String before = fields.putIfAbsent(name, value);
            boolean framing = name.equals("content-length") || name.equals("transfer-encoding");
            if (before != null && framing && !before.equals(value)) {
                throw broken("the source contradicts itself about the length of its response");
            }
        }
        return new Head(Integer.parseInt(m.group(1)), fields);
    }

    private static Trouble broken(String message) {
        return new Trouble(Trouble.Kind.CONNECTION, message);
    }

    String field(String name) {
        return fields.getOrDefault(name, "");
    }

    /// The length of the body; -1 if it is not declared.
    long contentLength() throws Trouble {
        String text = field("content-length");
        if (text.isEmpty()) {
            return -1;
        }
        if (!NUMBER.matcher(text).matches()) {
            throw broken("the source declares a length that is no number");
        }
        return Long.parseLong(text);
    }

    boolean isChunked() {
        return field("transfer-encoding").equalsIgnoreCase("chunked");
    }

    Optional<ContentRange> contentRange() {
        Matcher m = CONTENT_RANGE.matcher(field("content-range"));
        return m.matches()
                ? Optional.of(new ContentRange(
                        Long.parseLong(m.group(1)),
                        Long.parseLong(m.group(2)),
                        m.group(3).equals("*") ? -1 : Long.parseLong(m.group(3))))
                : Optional.empty();
    }

    /// The entity tag, if it promises equal bytes; else empty.
    String strongTag() {
        String tag = field("etag");
        return tag.startsWith("\"") && tag.length() <= 512 ? tag : "";
    }

    /// How long the source asks to wait; zero if it does not.
    Duration retryAfter() {
        String text = field("retry-after");
        if (NUMBER.matcher(text).matches()) {
            return Duration.ofSeconds(Math.min(Long.parseLong(text), Integer.MAX_VALUE));
        }
        try {
            // Against the source's own clock: ours may be wrong.
            Duration until = Duration.between(date(field("date")), date(text));
            return until.isNegative() ? Duration.ZERO : until;
        } catch (DateTimeException e) {
            return Duration.ZERO;
        }
    }

    private static ZonedDateTime date(String text) {
        return ZonedDateTime.parse(text, DateTimeFormatter.RFC_1123_DATE_TIME);
    }
}
