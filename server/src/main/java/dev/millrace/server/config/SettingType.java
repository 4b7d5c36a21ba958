package dev.millrace.server.config;

import dev.millrace.core.ByteSize;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// How a setting's text becomes a value. *Immutable.*
///
/// @param expectation what is accepted, for messages and the reference
/// @param parser throws [IllegalArgumentException] for what is not accepted
record SettingType<T>(String expectation, Function<String, T> parser) {
    private static final Pattern DURATION = Pattern.compile("(\\d{1,9})(ms|s|m|h)");
    private static final String AUTO = "auto";

    static SettingType<String> text(String expectation) {
        return new SettingType<>(expectation, SettingType::notBlank);
    }

    static SettingType<Boolean> bool() {
        return new SettingType<>("true or false", text -> switch (text) {
            case "true" -> true;
            case "false" -> false;
            default -> throw new IllegalArgumentException(text);
        });
    }

    /// `auto`, whose value is never used, or a choice.
    static SettingType<Boolean> autoOrBool() {
        SettingType<Boolean> bool = bool();
        return new SettingType<>(
                "auto, " + bool.expectation(),
                text -> !text.equals(AUTO) && bool.parser().apply(text));
    }

    static SettingType<Integer> number(int low, int high) {
        return new SettingType<>(low + ".." + high, text -> within(Integer.parseInt(text), low, high));
    }

    /// `auto`, which becomes 0, or a number.
    static SettingType<Integer> autoOrNumber(int low, int high) {
        return new SettingType<>(
                "auto or " + low + ".." + high,
                text -> text.equals(AUTO) ? 0 : within(Integer.parseInt(text), low, high));
    }

    static SettingType<Duration> duration(Duration low, Duration high) {
        return new SettingType<>(show(low) + ".." + show(high) + ", as 100ms, 30s, 10m or 1h", text -> {
            Duration value = parseDuration(text);
            if (value.compareTo(low) < 0 || value.compareTo(high) > 0) {
                throw new IllegalArgumentException(text);
            }
            return value;
        });
    }

    /// `auto`, which becomes zero, or a duration.
    static SettingType<Duration> autoOrDuration(Duration low, Duration high) {
        SettingType<Duration> duration = duration(low, high);
        return new SettingType<>(
                "auto or " + duration.expectation(),
                text -> text.equals(AUTO) ? Duration.ZERO : duration.parser().apply(text));
    }

    static SettingType<ByteSize> size(ByteSize low, ByteSize high) {
        return new SettingType<>(low + ".." + high + ", as 512KiB, 8MiB or 1GiB", text -> {
            ByteSize value = ByteSize.parse(text);
            if (value.bytes() < low.bytes() || value.bytes() > high.bytes()) {
                throw new IllegalArgumentException(text);
            }
            return value;
        });
    }

    /// `auto`, whose value is never used, or a size.
    static SettingType<ByteSize> autoOrSize(ByteSize low, ByteSize high) {
        SettingType<ByteSize> size = size(low, high);
        return new SettingType<>(
                "auto or " + size.expectation(),
                text -> text.equals(AUTO) ? low : size.parser().apply(text));
    }

    static <E extends Enum<E>> SettingType<E> choice(Class<E> type) {
        List<String> names = Arrays.stream(type.getEnumConstants())
                .map(constant -> constant.name().toLowerCase(Locale.ROOT).replace('_', '-'))
                .toList();
        return new SettingType<>(String.join(" or ", names), text -> {
            if (!names.contains(text)) {
                throw new IllegalArgumentException(text);
            }
            return Enum.valueOf(type, text.toUpperCase(Locale.ROOT).replace('-', '_'));
        });
    }

    /// Names with commas between them; may be empty.
    static SettingType<List<String>> list(String expectation) {
        return new SettingType<>(
                expectation,
                text -> Arrays.stream(text.split(",", -1))
                        .map(String::strip)
                        .filter(item -> !item.isEmpty())
                        .toList());
    }

    /// The address of a server: scheme, host, perhaps a port, and nothing else.
    static SettingType<URI> address() {
        return new SettingType<>("an address such as https://hub.example.org", text -> {
            URI address = URI.create(text);
            boolean plain = address.getHost() != null
                    && List.of("http", "https").contains(String.valueOf(address.getScheme()))
                    && address.getRawUserInfo() == null
                    && (address.getRawPath().isEmpty() || address.getRawPath().equals("/"))
                    && address.getRawQuery() == null
                    && address.getRawFragment() == null;
            if (!plain) {
                throw new IllegalArgumentException(text);
            }
            return address;
        });
    }

    /// The address of an upstream: as of any server, and perhaps a path.
    static SettingType<URI> upstreamAddress() {
        return new SettingType<>("an address such as http://10.0.0.5:8000 or https://host/v1", text -> {
            URI address = URI.create(text.strip());
            boolean plain = address.getHost() != null
                    && List.of("http", "https").contains(String.valueOf(address.getScheme()))
                    && address.getRawUserInfo() == null
                    && address.getRawQuery() == null
                    && address.getRawFragment() == null;
            if (!plain) {
                throw new IllegalArgumentException(text);
            }
            return address;
        });
    }

    /// `none`, whose value is never used, or the address of a Redis.
    static SettingType<URI> redisAddress() {
        return new SettingType<>("none, or an address such as redis://10.0.0.5:6379 or rediss://host:6379", text -> {
            URI address = URI.create(text.strip());
            boolean plain = address.getHost() != null
                    && List.of("redis", "rediss").contains(String.valueOf(address.getScheme()))
                    && address.getRawUserInfo() == null
                    && address.getRawPath().isEmpty();
            if (!plain && !text.equals("none")) {
                throw new IllegalArgumentException(text);
            }
            return address;
        });
    }

    /// A path; a leading `~/` is the user's home.
    static SettingType<Path> path(String expectation, Path userHome) {
        return new SettingType<>(expectation, text -> {
            String given = notBlank(text);
            return given.startsWith("~/") ? userHome.resolve(given.substring(2)) : Path.of(given);
        });
    }

    static String show(Duration duration) {
        long millis = duration.toMillis();
        if (millis % 3_600_000 == 0 && millis > 0) {
            return millis / 3_600_000 + "h";
        }
        if (millis % 60_000 == 0 && millis > 0) {
            return millis / 60_000 + "m";
        }
        return millis % 1_000 == 0 ? millis / 1_000 + "s" : millis + "ms";
    }

    private static Duration parseDuration(String text) {
        Matcher matcher = DURATION.matcher(text);
        if (!matcher.matches()) {
            throw new IllegalArgumentException(text);
        }
        long amount = Long.parseLong(matcher.group(1));
        return switch (matcher.group(2)) {
            case "ms" -> Duration.ofMillis(amount);
            case "s" -> Duration.ofSeconds(amount);
            case "m" -> Duration.ofMinutes(amount);
            default -> Duration.ofHours(amount);
        };
    }

    private static int within(int value, int low, int high) {
        if (value < low || value > high) {
            throw new IllegalArgumentException(Integer.toString(value));
        }
        return value;
    }

    private static String notBlank(String text) {
        if (text.isBlank()) {
            throw new IllegalArgumentException("blank");
        }
        return text;
    }
}
