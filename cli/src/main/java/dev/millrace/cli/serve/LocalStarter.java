package dev.millrace.cli.serve;

import dev.millrace.cli.config.EffectiveConfig;
import dev.millrace.cli.console.Console;
import dev.millrace.cli.console.Places;
import dev.millrace.server.config.MillraceConfig;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;

/// Starts servers in this process on a free loopback port. *Immutable.*
public final class LocalStarter implements OccasionalServer.Starter {
    private final Console console;
    private final Places places;

    public LocalStarter(Console console, Places places) {
        this.console = console;
        this.places = places;
    }

    @Override
    public OccasionalServer start(@Nullable String model) throws InterruptedException {
        Map<String, String> flags = new HashMap<>(Map.of("server.host", "127.0.0.1", "server.port", "0"));
        if (model != null) {
            flags.put("model", model);
            if (model.startsWith("simulated/")) {
                flags.put("engine.kind", "simulated");
            }
        }
        MillraceConfig config = EffectiveConfig.load(console, null, flags).config();
        RunningServer server = RunningServer.start(console, config, places);
        server.awaitReady(new CountDownLatch(1));
        return server;
    }
}
