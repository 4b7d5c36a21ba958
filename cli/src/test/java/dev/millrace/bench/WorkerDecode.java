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
import dev.millrace.worker.LoadOrder;
import dev.millrace.worker.process.RunningWorker;
import dev.millrace.worker.process.WorkerLauncher;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Semaphore;

/// Tokens per second that an engine in a worker process delivers, as a share of what the same engine delivers in this
/// process. Blocks of both alternate, so that both see the same machine.
///
/// Arguments: GGUF file, threads, pairs of blocks, data directory. Exits with 1 if the limit of 0.97 is missed.
public final class WorkerDecode {
    private static final double LIMIT = 0.97;
    private static final int TOKENS = 96;
    private static final int SLOTS = 16;
    /// Both sides are to be compiled before they are compared: the worker's loop sees one message a token.
    private static final int WARM_UP_BLOCKS = 8;

    private static int requests;

    private WorkerDecode() {}

    public static void main(String[] args) throws Exception {
        int pairs = Integer.parseInt(args[2]);
        LoadOrder order = new LoadOrder(
                LoadOrder.Kind.LLAMA,
                new ModelId("bench"),
                Path.of(args[0]),
                512,
                SLOTS,
                Integer.parseInt(args[1]),
                Duration.ofMillis(100),
                Path.of(args[3]),
                null);
        boolean met = true;
        try (WorkerLauncher launcher = BenchEngines.launcher(true);
                Engine inside = BenchEngines.inside().open(order, (phase, fraction) -> {});
                RunningWorker worker = launcher.start(order, (phase, fraction) -> {})) {
            for (int i = 0; i < WARM_UP_BLOCKS; i++) {
                block(inside, 1);
                block(worker.engine(), 1);
            }
            for (int streams : new int[] {1, 4, 16}) {
                met &= compare(inside, worker.engine(), streams, pairs) >= LIMIT;
            }
            System.out.printf(Locale.ROOT, "worker: resident %.1f MiB%n", worker.residentBytes() / 1048576.0);
        }
        System.out.println(met ? "limit met" : "LIMIT MISSED");
        System.exit(met ? 0 : 1);
    }

    private static double compare(Engine inside, Engine worker, int streams, int pairs) throws InterruptedException {
        block(inside, streams);
        block(worker, streams);
        double[] ratios = new double[pairs];
        double insideSum = 0;
        double workerSum = 0;
        for (int pair = 0; pair < pairs; pair++) {
            // The order turns, so that whatever drifts hits both alike.
            boolean insideFirst = pair % 2 == 0;
            double first = block(insideFirst ? inside : worker, streams);
            double second = block(insideFirst ? worker : inside, streams);
            double insideRate = insideFirst ? first : second;
            double workerRate = insideFirst ? second : first;
            ratios[pair] = workerRate / insideRate;
            insideSum += 1 / insideRate;
            workerSum += 1 / workerRate;
        }
        Arrays.sort(ratios);
        double median = (ratios[(pairs - 1) / 2] + ratios[pairs / 2]) / 2;
        System.out.printf(
                Locale.ROOT,
                "streams %2d  pairs %3d  in process %7.2f tok/s  in a worker %7.2f tok/s  ratio of means %.3f  "
                        + "median ratio %.3f  [%.3f .. %.3f]%n",
                streams,
                pairs,
                pairs / insideSum,
                pairs / workerSum,
                insideSum / workerSum,
                median,
                ratios[pairs / 10],
                ratios[pairs - 1 - pairs / 10]);
        return median;
    }

    /// Tokens per second from the first token of all streams to the last.
    private static double block(Engine engine, int streams) throws InterruptedException {
        Semaphore available = new Semaphore(0);
        List<Generation> running = new ArrayList<>();
        for (int i = 0; i < streams; i++) {
            running.add(engine.submit(request("stream number " + i), available::release));
        }
        long firstNanos = 0;
        int tokens = 0;
        while (!running.isEmpty()) {
            available.acquire();
            available.drainPermits();
            for (Generation generation : List.copyOf(running)) {
                for (GenerationEvent event = generation.poll(); event != null; event = generation.poll()) {
                    if (event instanceof GenerationEvent.Token) {
                        firstNanos = firstNanos == 0 ? System.nanoTime() : firstNanos;
                        tokens++;
                    } else if (event instanceof GenerationEvent.Terminal) {
                        running.remove(generation);
                    }
                }
            }
        }
        if (tokens != TOKENS * streams) {
            throw new IllegalStateException("tokens: " + tokens + " (expected: " + TOKENS * streams + ")");
        }
        return tokens / ((System.nanoTime() - firstNanos) / 1e9);
    }

    private static GenerationRequest request(String text) {
        return new GenerationRequest(
                new RequestId("bench-" + requests++),
                new Prompt.Text(text),
                TOKENS,
                new Stopping(List.of(), true, 0),
                Sampling.GREEDY,
                Share.DEFAULT);
    }
}
