package dev.millrace.bench;

import dev.millrace.cli.engines.BenchEngines;
import dev.millrace.core.id.ModelId;
import dev.millrace.core.id.RequestId;
import dev.millrace.engine.Engine;
import dev.millrace.engine.Generation;
import dev.millrace.engine.GenerationEvent;
import dev.millrace.engine.GenerationRequest;
import dev.millrace.engine.Prompt;
import dev.millrace.engine.Sampling;
import dev.millrace.engine.Share;
import dev.millrace.engine.Stopping;
import dev.millrace.models.lifecycle.MemoryNeed;
import dev.millrace.worker.LoadOrder;
import dev.millrace.worker.process.RunningWorker;
import dev.millrace.worker.process.WorkerLauncher;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Semaphore;

/// What a worker was expected to take and what it takes: after its load, and at most, once each slot has computed a
/// prompt that fills its share of the cache.
///
/// Arguments: data directory, GGUF files. Exits with 1 if an expectation is not within -10 % to +30 % of the most.
public final class WorkerMemory {
    private static final double LEAST = 0.9;
    private static final double MOST = 1.3;
    private static final int TOKENS = 8;
    private static final double MIB = 1 << 20;

    private static int requests;

    private WorkerMemory() {}

    /// A way to run a model.
    private record Setting(int context, int slots) {}

    private static final List<Setting> SETTINGS = List.of(
            new Setting(256, 1),
            new Setting(512, 4),
            new Setting(2_048, 2),
            new Setting(2_048, 8),
            new Setting(8_192, 4));

    public static void main(String[] args) throws Exception {
        boolean met = true;
        System.out.printf(
                "%-28s %8s %6s %9s %9s %9s %9s %6s  %s%n",
                "model", "context", "slots", "expected", "loaded", "most", "files", "ratio", "MiB expected");
        try (WorkerLauncher launcher = BenchEngines.launcher(true)) {
            for (int i = 1; i < args.length; i++) {
                for (Setting setting : SETTINGS) {
                    met &= measure(launcher, order(Path.of(args[i]), setting, Path.of(args[0])));
                }
            }
        }
        System.out.println(met ? "limits met" : "LIMITS MISSED");
        System.exit(met ? 0 : 1);
    }

    private static LoadOrder order(Path file, Setting setting, Path data) {
        return new LoadOrder(
                LoadOrder.Kind.LLAMA,
                new ModelId("bench"),
                file,
                setting.context(),
                setting.slots(),
                0,
                Duration.ofMillis(100),
                data,
                null);
    }

    private static boolean measure(WorkerLauncher launcher, LoadOrder order) throws Exception {
        MemoryNeed need = BenchEngines.expected(order);
        try (RunningWorker worker = launcher.start(order, (phase, fraction) -> {})) {
            double loaded = status(worker.pid(), "VmRSS:");
            fill(worker.engine(), order.slots());
            double most = status(worker.pid(), "VmHWM:");
            double files = status(worker.pid(), "RssFile:");
            double expected = need.total() / MIB;
            boolean met = expected >= LEAST * most && expected <= MOST * most;
            System.out.printf(
                    Locale.ROOT,
                    "%-28s %8d %6d %9.1f %9.1f %9.1f %9.1f %6.2f  %.1f + %.1f + %.1f + %.1f %s%n",
                    order.file().getFileName(),
                    order.contextTokens(),
                    order.slots(),
                    expected,
                    loaded,
                    most,
                    files,
                    expected / most,
                    need.weightsBytes() / MIB,
                    need.kvBytes() / MIB,
                    need.computeBytes() / MIB,
                    need.overheadBytes() / MIB,
                    met ? "" : "MISSED");
            return met;
        }
    }

    /// Each slot gets a prompt of nearly the context, all at once.
    private static void fill(Engine engine, int slots) throws InterruptedException {
        int context = engine.model().contextTokens();
        Semaphore available = new Semaphore(0);
        List<Generation> running = new ArrayList<>();
        for (int i = 0; i < slots; i++) {
            running.add(engine.submit(request(i, context), available::release));
        }
        while (!running.isEmpty()) {
            available.acquire();
            available.drainPermits();
            for (Generation generation : List.copyOf(running)) {
                for (GenerationEvent event = generation.poll(); event != null; event = generation.poll()) {
                    if (event instanceof GenerationEvent.Failed failed) {
                        throw new IllegalStateException("no answer: " + failed);
                    }
                    if (event instanceof GenerationEvent.Terminal) {
                        running.remove(generation);
                    }
                }
            }
        }
    }

    // One token per letter at least, in no vocabulary more: the prompt fits, and fills most of what it may.
    private static GenerationRequest request(int number, int context) {
        String text = number + " " + "z q x j ".repeat(Math.max(1, (context - 64) / 8));
        return new GenerationRequest(
                new RequestId("bench-" + requests++),
                new Prompt.Text(text),
                TOKENS,
                new Stopping(List.of(), true, 0),
                Sampling.GREEDY,
                Share.DEFAULT);
    }

    /// A field of the process's status, in MiB.
    private static double status(long pid, String field) throws IOException {
        return Files.readAllLines(Path.of("/proc", Long.toString(pid), "status")).stream()
                .filter(line -> line.startsWith(field))
                .mapToDouble(line -> Long.parseLong(line.replaceAll("\\D", "")) / 1024.0)
                .findFirst()
                .orElseThrow();
    }
}
