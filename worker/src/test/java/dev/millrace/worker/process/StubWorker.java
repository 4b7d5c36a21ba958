package dev.millrace.worker.process;

import dev.millrace.core.id.ModelId;
import dev.millrace.core.time.NanoClock;
import dev.millrace.engine.Engine;
import dev.millrace.engine.batch.BatchEngine;
import dev.millrace.engine.batch.ModelBackend;
import dev.millrace.engine.batch.StepBudget;
import dev.millrace.engine.simulated.Pace;
import dev.millrace.engine.simulated.SimulatedBackend;
import dev.millrace.engine.simulated.SimulatedCost;
import dev.millrace.engine.simulated.SimulatedFaults;
import dev.millrace.worker.LoadFailedException;
import dev.millrace.worker.LoadListener;
import dev.millrace.worker.LoadOrder;
import dev.millrace.worker.LoadPhase;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;

/// A worker program for tests, with a simulated engine behind the real scheduler. What it does wrong is in
/// the name of the model.
final class StubWorker {
    /// Loads at once and behaves.
    static final ModelId GOOD = new ModelId("stub/good");

    /// Cannot be loaded.
    static final ModelId REFUSED = new ModelId("stub/refused");

    /// Ends its process in the middle of loading.
    static final ModelId CRASHES_LOADING = new ModelId("stub/crashes-loading");

    /// Never finishes loading.
    static final ModelId LOADS_FOR_EVER = new ModelId("stub/loads-for-ever");

    /// Writes 100 MB to its log before it is ready.
    static final ModelId FLOODS = new ModelId("stub/floods");

    private static final SimulatedCost QUICK =
            new SimulatedCost(Duration.ofNanos(200_000), Duration.ofNanos(1_000), 1_000_000);
    private static final int FLOOD_LINES = 1_000_000;

    private StubWorker() {}

    public static void main(String[] args) throws IOException, InterruptedException {
        PrintStream out = new PrintStream(new FileOutputStream(FileDescriptor.out));
        WorkerHost.run(Path.of(args[0]), System.in, out, StubWorker::open);
        Runtime.getRuntime().halt(0);
    }

    /// How a test starts it.
    static WorkerCommand command(String... jvmFlags) {
        List<String> words = new ArrayList<>();
        words.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        words.addAll(List.of("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xmx128m", "-Xshare:auto"));
        words.addAll(List.of("--enable-native-access=ALL-UNNAMED", "--sun-misc-unsafe-memory-access=allow"));
        words.addAll(List.of(jvmFlags));
        words.addAll(List.of("-cp", System.getProperty("java.class.path"), StubWorker.class.getName()));
        return new WorkerCommand(words, Map.of("PATH", "/usr/bin:/bin"));
    }

    static LoadOrder order(ModelId model) {
        return new LoadOrder(
                LoadOrder.Kind.SIMULATED,
                model,
                Path.of("nothing"),
                0,
                4,
                1,
                Duration.ofMillis(100),
                Path.of("nowhere"),
                null);
    }

    private static Engine open(LoadOrder order, LoadListener listener)
            throws LoadFailedException, InterruptedException {
        listener.at(LoadPhase.LOADING, 0.5f);
        switch (order.model().value()) {
            case "stub/refused" -> throw new LoadFailedException("this model cannot be run here", null);
            case "stub/crashes-loading" -> Runtime.getRuntime().halt(134);
            case "stub/loads-for-ever" -> new CountDownLatch(1).await();
            case "stub/floods" -> {
                String line = "INFO " + "x".repeat(95);
                PrintStream log = new PrintStream(new FileOutputStream(FileDescriptor.err));
                for (int i = 0; i < FLOOD_LINES; i++) {
                    log.println(line);
                }
            }
            case "stub/good" -> {}
            default -> throw new LoadFailedException("no such stub: " + order.model(), null);
        }
        listener.at(LoadPhase.WARMING, 0.5f);
        var backend = new SimulatedBackend(
                order.model(),
                new ModelBackend.Limits(256, 1_024, 6, 4, 64),
                QUICK,
                SimulatedFaults.NONE,
                50,
                Pace.real(NanoClock.SYSTEM));
        return BatchEngine.start(
                        backend.asLoaded(),
                        StepBudget.DEFAULT,
                        NanoClock.SYSTEM,
                        task -> Thread.ofVirtual().start(task),
                        Thread.ofPlatform().daemon().name("engine").factory())
                .join();
    }
}
