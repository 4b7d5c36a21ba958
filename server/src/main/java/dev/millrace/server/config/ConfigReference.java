package dev.millrace.server.config;

import java.nio.file.Path;

/// The reference of all keys, generated from the same list the loader reads.
public final class ConfigReference {
    private static final String INTRODUCTION = """
            # Configuration

            Settings come from a YAML file (`--config FILE`, or the file `MILLRACE_CONFIG` names), from environment
            variables, and from flags; each wins over the ones before it. In the file, the dots of a key are nesting:

            ```yaml
            server:
              port: 9000
            limits:
              in-flight: 32
            ```

            Unknown keys and variables, values of the wrong kind and contradictions stop the start, with the place and
            what is expected. `millrace config` prints what is in effect and where each value came from.
            `docs/millrace.example.yaml` is a complete file. This page is generated.

            | Key | Default | Expected | What it does | Variable |
            |---|---|---|---|---|
            """;

    private ConfigReference() {}

    /// The page `docs/configuration.md`.
    public static String markdown() {
        var page = new StringBuilder(INTRODUCTION);
        for (Setting<?> setting : new Settings(Path.of("~")).all()) {
            page.append("| `").append(setting.key()).append("` | `").append(setting.defaultText());
            page.append("` | ").append(setting.type().expectation());
            page.append(" | ").append(setting.purpose());
            page.append(" | `").append(setting.envName()).append("` |\n");
        }
        return page.toString();
    }
}
