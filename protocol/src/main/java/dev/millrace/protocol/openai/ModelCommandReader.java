package dev.millrace.protocol.openai;

import java.io.IOException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// Reads [ModelCommand]s; fields it does not know are skipped. *Confined to one thread.*
final class ModelCommandReader {
    private ModelCommandReader() {}

    static ModelCommand read(JsonCursor json) throws IOException, RefusedException {
        String model = null;
        @Nullable Duration keepAlive = null;
        @Nullable Boolean pin = null;
        for (String name = json.nextField(); name != null; name = json.nextField()) {
            if (json.isNull()) {
                continue;
            }
            switch (name) {
                case "model" -> model = json.text(name);
                case "keep_alive" -> keepAlive = KeepAlive.read(json, name);
                case "pin" -> pin = json.bool(name);
                default -> json.skip();
            }
        }
        if (model == null) {
            throw RefusedException.invalid("model", "the name of a model; GET /v1/models lists them");
        }
        return new ModelCommand(model, keepAlive, pin);
    }
}
