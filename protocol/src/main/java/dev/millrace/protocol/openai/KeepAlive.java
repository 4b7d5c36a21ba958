package dev.millrace.protocol.openai;

import java.io.IOException;
import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Reads `keep_alive` as Ollama's clients write it: seconds, or a text such as `10m`; negative = for ever, 0 = leave
/// at once.
final class KeepAlive {
    /// Longest time; longer ones mean for ever just as well.
    static final long MAX_SECONDS = 366L * 24 * 3600;

    private static final Pattern TEXT = Pattern.compile("(-?\\d{1,9})(ms|s|m|h)?");
    private static final String EXPECTED = "seconds or a text such as 10m, at most a year; -1 = for ever";

    private KeepAlive() {}

    static Duration read(JsonCursor json, String name) throws IOException, RefusedException {
        if (!json.isString()) {
            return Duration.ofSeconds(json.whole(name, -MAX_SECONDS, MAX_SECONDS));
        }
        Matcher matcher = TEXT.matcher(json.text(name));
        if (!matcher.matches()) {
            throw RefusedException.invalid(name, EXPECTED);
        }
        long amount = Long.parseLong(matcher.group(1));
        Duration duration = switch (matcher.group(2)) {
            case "ms" -> Duration.ofMillis(amount);
            case "m" -> Duration.ofMinutes(amount);
            case "h" -> Duration.ofHours(amount);
            case null, default -> Duration.ofSeconds(amount);
        };
        if (duration.toSeconds() > MAX_SECONDS) {
            throw RefusedException.invalid(name, EXPECTED);
        }
        return duration;
    }
}
