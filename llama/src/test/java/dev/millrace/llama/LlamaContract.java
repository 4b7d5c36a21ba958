package dev.millrace.llama;

import dev.millrace.core.time.NanoClock;
import dev.millrace.engine.Engine;
import dev.millrace.engine.batch.BatchEngine;
import dev.millrace.engine.batch.StepBudget;
import dev.millrace.llama.natives.NativeAbi;
import dev.millrace.testing.engine.EngineContract;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.EnumSet;
import java.util.Set;
import org.junit.jupiter.api.io.TempDir;

/// The engine contract on real llama.cpp. Not exact under batching: logits depend a little on the shape of the
/// batch.
abstract class LlamaContract extends EngineContract {
    @TempDir
    @SuppressWarnings("NullAway.Init")
    private static Path directory;

    private final NativeAbi abi;

    LlamaContract(NativeAbi abi) {
        this.abi = abi;
    }

    @Override
    protected Engine start() throws IOException {
        LlamaOptions options = Tiny.in(directory).options(abi);
        return BatchEngine.start(
                        LlamaLoader.factory(options, ProgressListener.IGNORED, NanoClock.SYSTEM, Clock.systemUTC()),
                        StepBudget.DEFAULT,
                        NanoClock.SYSTEM,
                        task -> Thread.ofVirtual().start(task),
                        Thread.ofPlatform().name("engine").factory())
                .join();
    }

    @Override
    protected Set<Ability> abilities() {
        return EnumSet.of(Ability.BATCHING, Ability.STOPPING);
    }
}
