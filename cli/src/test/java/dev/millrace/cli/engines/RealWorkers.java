package dev.millrace.cli.engines;

import dev.millrace.cli.console.Places;
import dev.millrace.core.id.ModelId;
import dev.millrace.core.time.NanoClock;
import dev.millrace.llama.natives.NativeAbi;
import dev.millrace.llama.natives.NativeLibraries;
import dev.millrace.worker.LoadOrder;
import dev.millrace.worker.process.StartingRoom;
import dev.millrace.worker.process.WorkerLauncher;
import java.io.IOException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;

/// Workers of this program on real llama.cpp, as the server starts them, for tests. *Immutable.*
final class RealWorkers {
    /// The model that ships with the distribution.
    static final Path DEMO = Path.of("../tools/demo-model/millrace-demo.gguf");

    private static final Places PLACES = Places.ofThisProcess(System.getenv());

    private RealWorkers() {}

    /// Starts workers that compile quickly instead of well: none lives for long here.
    static WorkerLauncher launcher() throws IOException {
        Map<String, String> environment = new HashMap<>(System.getenv());
        environment.put("MILLRACE_WORKER_JAVA_OPTS", "-XX:TieredStopAtLevel=1");
        return new WorkerLauncher(
                WorkerCommandLine.of(PLACES, true, environment),
                NanoClock.SYSTEM,
                new SecureRandom(),
                StartingRoom.NONE);
    }

    /// Loads a file on a build of llama.cpp, with 2 slots, a context of 256 tokens and 1 thread.
    static LoadOrder order(Path file, NativeAbi abi) throws IOException {
        Path natives = NativeLibraries.of(EngineKinds.settings(PLACES.dataDirectory(), null))
                .obtain(abi, line -> {})
                .directory();
        return new LoadOrder(
                LoadOrder.Kind.LLAMA,
                new ModelId("demo"),
                file.toAbsolutePath().normalize(),
                256,
                2,
                1,
                Duration.ofMillis(100),
                PLACES.dataDirectory(),
                natives);
    }
}
