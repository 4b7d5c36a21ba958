package dev.millrace.llama;

import dev.millrace.engine.Engine;
import dev.millrace.llama.natives.NativeAbi;
import dev.millrace.testing.engine.EngineContract;
import java.io.IOException;
import java.nio.file.Path;
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
    private final boolean recurrent;

    /// @param recurrent on a model without a KV cache
    LlamaContract(NativeAbi abi, boolean recurrent) {
        this.abi = abi;
        this.recurrent = recurrent;
    }

    @Override
    protected Engine start() throws IOException {
        Tiny tiny = recurrent ? Tiny.recurrentIn(directory) : Tiny.in(directory);
        return Tiny.engine(tiny.options(abi));
    }

    @Override
    protected Set<Ability> abilities() {
        Set<Ability> abilities = EnumSet.of(Ability.BATCHING, Ability.STOPPING);
        if (!recurrent) {
            abilities.add(Ability.SHARED_PREFIXES);
        }
        if (!recurrent || abi != NativeAbi.B4916) {
            abilities.add(Ability.EMBEDDING);
        }
        return abilities;
    }
}
