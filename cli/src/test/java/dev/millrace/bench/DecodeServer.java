package dev.millrace.bench;

import dev.millrace.core.id.ModelId;
import dev.millrace.core.time.NanoClock;
import dev.millrace.engine.Engine;
import dev.millrace.engine.batch.BackendFactory;
import dev.millrace.engine.batch.BatchEngine;
import dev.millrace.engine.batch.StepBudget;
import dev.millrace.llama.Cores;
import dev.millrace.llama.LlamaLoader;
import dev.millrace.llama.LlamaOptions;
import dev.millrace.llama.ProgressListener;
import dev.millrace.llama.natives.NativeLibraries;
import dev.millrace.llama.natives.NativeLibrary;
import dev.millrace.llama.natives.NativeSettings;
import dev.millrace.llama.natives.Platform;
import dev.millrace.models.lifecycle.EngineStarter;
import dev.millrace.models.lifecycle.LoadListener;
import dev.millrace.models.lifecycle.MemoryNeed;
import dev.millrace.models.lifecycle.ModelSource;
import dev.millrace.models.lifecycle.RunningModel;
import dev.millrace.server.MillraceServer;
import dev.millrace.server.config.ConfigLoader;
import dev.millrace.server.config.ConfigSources;
import dev.millrace.server.config.LoadedConfig;
import dev.millrace.testing.bench.InterleavedBackend;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executors;

/// The server on llama.cpp with a model called `bench`, whose engine runs bare forward passes between blocks of its
/// steps. Arguments: port, GGUF file, threads, sequences. Prints `pair FROM TO BARE RAN WAITED` for each pair of
/// blocks:
/// when the engine's began and ended, how long the bare one took, and what its event loops have done so far, all in
/// nanoseconds.
public final class DecodeServer {
    private static final int CONTEXT = 2_048;

    private DecodeServer() {}

    public static void main(String[] args) throws Exception {
        LoadedConfig loaded = ConfigLoader.load(ConfigSources.ofProcess(null, Map.of("server.port", args[0])));
        NativeLibrary natives = NativeLibraries.of(new NativeSettings(
                        Path.of(System.getProperty("user.home"), ".millrace", "natives"),
                        null,
                        Platform.of(System.getProperty("os.name"), System.getProperty("os.arch"))))
                .obtain(System.err::println);
        int sequences = Integer.parseInt(args[3]);
        LlamaOptions options = LlamaOptions.of(new ModelId("bench"), Path.of(args[1]), natives)
                .withContextTokens(CONTEXT)
                .withKvCells(CONTEXT * (2 + sequences))
                .withSlots(2 * sequences, 4)
                .withThreads(Integer.parseInt(args[2]));
        OneEngine engine = new OneEngine(options, sequences);
        MillraceServer.start(loaded.config(), engine, engine);
    }

    private record OneEngine(LlamaOptions options, int sequences) implements ModelSource, EngineStarter {
        @Override
        public List<ModelId> models() {
            return List.of(options.id());
        }

        @Override
        public boolean has(ModelId model) {
            return model.equals(options.id());
        }

        @Override
        public Optional<ModelId> resolve(String name) {
            return models().stream().filter(model -> model.value().equals(name)).findFirst();
        }

        @Override
        public MemoryNeed estimate(ModelId model) {
            return new MemoryNeed(0, 0, 0, 0);
        }

        @Override
        public RunningModel start(ModelId model, LoadListener listener) {
            return new Loaded(engine());
        }

        private record Loaded(Engine engine) implements RunningModel {
            @Override
            public long residentBytes() {
                return 0;
            }

            @Override
            public CompletionStage<String> lost() {
                return new CompletableFuture<>();
            }

            @Override
            public void close() {
                engine.close();
            }
        }

        private Engine engine() {
            BackendFactory plain = LlamaLoader.factory(
                    options, ProgressListener.IGNORED, Cores.ALONE, NanoClock.SYSTEM, Clock.systemUTC());
            return BatchEngine.start(
                            () -> {
                                BackendFactory.Loaded loaded = plain.load();
                                return new BackendFactory.Loaded(
                                        new InterleavedBackend(
                                                loaded.backend(), sequences, NanoClock.SYSTEM, pair -> print(pair)),
                                        loaded.cost());
                            },
                            StepBudget.DEFAULT,
                            NanoClock.SYSTEM,
                            Executors.newVirtualThreadPerTaskExecutor(),
                            Thread.ofPlatform().daemon().name("engine-bench").factory())
                    .join();
        }

        private static void print(InterleavedBackend.Pair pair) {
            try {
                ThreadTimes loops = ThreadTimes.now("vert.x-event");
                System.out.println("pair " + pair.fromNanos() + " " + pair.toNanos() + " " + pair.bareNanos() + " "
                        + loops.ran() + " " + loops.waited());
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
