package dev.millrace.server.config;

import java.util.List;
import java.util.Objects;
import java.util.regex.Pattern;

/// A checked configuration and where each of its values came from. *Immutable.*
public final class LoadedConfig {
    private static final Pattern PLAIN = Pattern.compile("[A-Za-z0-9./_][A-Za-z0-9./_ -]*");
    private static final int COMMENT_COLUMN = 40;

    private final MillraceConfig config;
    private final List<GivenValue> values;

    LoadedConfig(MillraceConfig config, List<GivenValue> values) {
        this.config = config;
        this.values = values;
    }

    /// The settings.
    public MillraceConfig config() {
        return config;
    }

    /// The effective configuration as a YAML file, each value with its source as a comment.
    public String render() {
        var out = new StringBuilder();
        String section = "";
        for (GivenValue value : values) {
            int dot = value.key().indexOf('.');
            String ofValue = dot < 0 ? "" : value.key().substring(0, dot);
            if (!Objects.equals(ofValue, section) && !ofValue.isEmpty()) {
                out.append(ofValue).append(":\n");
            }
            section = ofValue;
            String line = (dot < 0 ? "" : "  ") + value.key().substring(dot + 1) + ": " + yaml(value);
            out.append(line)
                    .repeat(' ', Math.max(1, COMMENT_COLUMN - line.length()))
                    .append("# ")
                    .append(value.place())
                    .append('\n');
        }
        return out.toString();
    }

    private static String yaml(GivenValue value) {
        if (value.key().equals("server.allowed-hosts")) {
            List<String> hosts =
                    SettingType.list("").parser().apply(value.text().equals("[]") ? "" : value.text());
            return "["
                    + String.join(", ", hosts.stream().map(LoadedConfig::quoted).toList()) + "]";
        }
        return PLAIN.matcher(value.text()).matches() ? value.text() : quoted(value.text());
    }

    private static String quoted(String text) {
        return "\"" + text.replace("\\", "\\\\").replace("\"", "\\\"") + "\"";
    }
}
