package dev.millrace.protocol.openai;

import dev.millrace.protocol.openai.CacheCommand.Kind;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/// Reads [CacheCommand]s. A field that is not known is refused: it could be the one that was meant. *Confined
/// to one thread.*
final class CacheCommandReader {
    private static final String EXPECTED = "one of model, tag, tenant, key with a name, or all with true";

    private CacheCommandReader() {}

    static CacheCommand read(JsonCursor json) throws IOException, RefusedException {
        @Nullable CacheCommand command = null;
        for (String name = json.nextField(); name != null; name = json.nextField()) {
            if (command != null) {
                throw RefusedException.invalid(name, EXPECTED);
            }
            command = switch (name) {
                case "model" -> new CacheCommand(Kind.MODEL, json.text(name));
                case "tag" -> new CacheCommand(Kind.TAG, json.text(name));
                case "tenant" -> new CacheCommand(Kind.TENANT, json.text(name));
                case "key" -> new CacheCommand(Kind.KEY, json.text(name));
                case "all" -> all(json, name);
                default -> throw RefusedException.invalid(name, EXPECTED);
            };
        }
        if (command == null) {
            throw RefusedException.invalid("model", EXPECTED);
        }
        return command;
    }

    private static CacheCommand all(JsonCursor json, String name) throws RefusedException {
        if (!json.bool(name)) {
            throw RefusedException.invalid(name, "true");
        }
        return new CacheCommand(Kind.ALL, "");
    }
}
