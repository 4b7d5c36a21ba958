package dev.millrace.server.config;

import dev.millrace.server.config.UpstreamConfig.Kind;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// The keys `upstreams.<name>.*`, of which there may be any number, and the short list that needs no names.
/// *Confined to one thread.*
final class UpstreamKeys {
    /// What they all begin with.
    static final String PREFIX = "upstreams.";

    private static final Pattern NAME = Pattern.compile("[a-z0-9][a-z0-9-]{0,62}");
    private static final int MOST = 1_000;

    private final Setting<URI> url = new Setting<>(
            "url",
            SettingType.upstreamAddress(),
            "",
            "Where it is, for example `http://10.0.0.5:8000` or `https://api.example.com/v1`.");
    private final Setting<String> srv = new Setting<>(
            "srv",
            SettingType.text("a DNS name, or none"),
            "none",
            "DNS name whose SRV records say which hosts and ports there are, for example"
                    + " `_http._tcp.models.example.org`; scheme, path and `Host` are still those of the url.");
    private final Setting<Kind> kind = new Setting<>(
            "kind",
            SettingType.choice(Kind.class),
            "auto",
            "What server it is, for its peculiarities; auto = what its list of models says.");
    private final Setting<Path> keyFile;
    private final Setting<List<String>> models = new Setting<>(
            "models",
            SettingType.list("names, or public-name=its-own-name"),
            "[]",
            "Models to offer of it; empty = all that it lists.");
    private final Setting<Integer> weight =
            new Setting<>("weight", SettingType.number(1, 1_000), "1", "Its share of the requests beside others.");

    private final Map<String, Map<String, GivenValue>> given = new TreeMap<>();
    private final List<String> problems;

    /// @param userHome what a leading `~/` stands for
    /// @param problems what is found wrong is added here
    UpstreamKeys(Path userHome, List<String> problems) {
        this.problems = problems;
        keyFile = new Setting<>(
                "key-file",
                SettingType.path("a file", userHome),
                "none",
                "File with the key to send as `Authorization: Bearer`; none = no key is sent.");
    }

    /// The settings of one upstream, for the reference.
    List<Setting<?>> fields() {
        return List.of(url, srv, kind, keyFile, models, weight);
    }

    /// Takes `upstreams.<name>.<field>`.
    void take(GivenValue value) {
        String rest = value.key().substring(PREFIX.length());
        int dot = rest.indexOf('.');
        String name = dot < 0 ? rest : rest.substring(0, dot);
        String field = dot < 0 ? "" : rest.substring(dot + 1);
        List<String> known = fields().stream().map(Setting::key).toList();
        if (!NAME.matcher(name).matches()) {
            problems.add(value.place() + ": " + PREFIX + name
                    + ": not a name (expected: small letters, digits and -, at most 63)");
        } else if (!known.contains(field)) {
            problems.add(value.place() + ": unknown key " + value.key() + Spelling.hint(field, known));
        } else {
            given.computeIfAbsent(name, ignored -> new TreeMap<>()).put(field, value);
        }
    }

    /// All values as they were given.
    List<GivenValue> values() {
        return given.values().stream().flatMap(of -> of.values().stream()).toList();
    }

    /// The upstreams, those of the short list last.
    ///
    /// @param list `address` or `name=address`
    List<UpstreamConfig> upstreams(GivenValue list, List<String> addresses) {
        List<UpstreamConfig> all = new ArrayList<>();
        given.forEach((name, values) -> {
            UpstreamConfig one = named(name, values);
            if (one != null) {
                all.add(one);
            }
        });
        for (String address : addresses) {
            all.add(listed(list, address, all.size() + 1));
        }
        if (all.size() > MOST) {
            problems.add("upstreams: " + all.size() + " (expected: at most " + MOST + ")");
        }
        if (all.stream().map(UpstreamConfig::name).distinct().count() < all.size()) {
            problems.add(list.place() + ": " + list.key() + ": two upstreams have one name");
        }
        return all;
    }

    private @Nullable UpstreamConfig named(String name, Map<String, GivenValue> values) {
        if (!values.containsKey(url.key())) {
            problems.add(
                    PREFIX + name + ".url: missing (expected: " + url.type().expectation() + ")");
            return null;
        }
        GivenValue key = values.get(keyFile.key());
        boolean hasKey = key != null && !key.text().equals("none");
        return new UpstreamConfig(
                name,
                read(url, values),
                read(srv, values).equals("none") ? null : read(srv, values),
                read(kind, values),
                hasKey ? read(keyFile, values) : null,
                read(models, values),
                read(weight, values));
    }

    private UpstreamConfig listed(GivenValue list, String text, int number) {
        int equals = text.indexOf('=');
        boolean hasName = equals > 0 && !text.substring(0, equals).contains("/");
        String name = hasName ? text.substring(0, equals) : "upstream-" + number;
        if (!NAME.matcher(name).matches()) {
            problems.add(list.place() + ": " + list.key() + ": " + name
                    + " is not a name (expected: small letters, digits and -, at most 63)");
        }
        Map<String, GivenValue> values = Map.of(
                url.key(), new GivenValue(list.key(), hasName ? text.substring(equals + 1) : text, list.place()));
        return new UpstreamConfig(name, read(url, values), null, Kind.AUTO, null, List.of(), 1);
    }

    private <T> T read(Setting<T> setting, Map<String, GivenValue> values) {
        GivenValue value = values.get(setting.key());
        String text = value == null ? setting.defaultText() : value.text();
        try {
            return setting.type().parser().apply(text.equals("[]") ? "" : text);
        } catch (IllegalArgumentException e) {
            String place = value == null ? "" : value.place() + ": " + value.key() + ": ";
            problems.add(place + text + " (expected: " + setting.type().expectation() + ")");
            // Something of the right type, so that the other settings are looked at too; never used.
            String usable = setting.defaultText().isEmpty() ? "http://127.0.0.1" : setting.defaultText();
            return setting.type().parser().apply(usable.equals("[]") ? "" : usable);
        }
    }
}
