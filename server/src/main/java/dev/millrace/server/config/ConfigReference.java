package dev.millrace.server.config;

import java.nio.file.Path;
import java.util.ArrayList;

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

    private static final String UPSTREAMS = """

            ## Upstreams

            Servers that answer for models, each under a name of small letters, digits and `-`. Where their address is all
            there is to say, `gateway.upstreams: [http://10.0.0.5:8000, big=http://10.0.0.6:8000]` does.

            ```yaml
            upstreams:
              gpu:
                url: http://10.0.0.5:8000
                models: [chat=meta-llama/Llama-3.1-8B-Instruct]
              cloud:
                url: https://api.example.com/v1
                key-file: ~/.millrace/cloud.key
            ```

            | Key | Default | Expected | What it does |
            |---|---|---|---|
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
        page.append(UPSTREAMS);
        for (Setting<?> field : new UpstreamKeys(Path.of("~"), new ArrayList<>()).fields()) {
            page.append("| `upstreams.<name>.").append(field.key()).append("` | ");
            page.append(field.defaultText().isEmpty() ? "" : "`" + field.defaultText() + "`");
            page.append(" | ").append(field.type().expectation());
            page.append(" | ").append(field.purpose()).append(" |\n");
        }
        return page.toString();
    }
}
