package dev.millrace.protocol.openai;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/// Reads [DownloadCommand]s; fields it does not know are skipped. *Confined to one thread.*
final class DownloadCommandReader {
    private DownloadCommandReader() {}

    static DownloadCommand read(JsonCursor json) throws IOException, RefusedException {
        String model = null;
        @Nullable String called = null;
        @Nullable String sha256 = null;
        boolean await = false;
        for (String name = json.nextField(); name != null; name = json.nextField()) {
            if (json.isNull()) {
                continue;
            }
            switch (name) {
                case "model" -> model = json.text(name);
                case "name" -> called = json.text(name);
                case "sha256" -> sha256 = json.text(name);
                case "wait" -> await = json.bool(name);
                default -> json.skip();
            }
        }
        if (model == null) {
            throw RefusedException.invalid("model", "what to download, for example org/repo:Q4_K_M");
        }
        return new DownloadCommand(model, called, sha256, await);
    }
}
