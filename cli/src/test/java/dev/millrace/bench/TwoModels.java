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
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;

/// What two models in memory do to each other when both answer: tokens per second of both together and gaps
/// between the tokens of a stream, when they share the cores as a server lets them, when they do not, and
/// when each has half of the threads; next to one model alone. Blocks of all alternate.
///
/// Arguments: GGUF file, rounds, data directory. Exits with 1 if sharing is clearly slower than not sharing at any
/// number of
/// streams.
public final class TwoModels {
    /// Blocks of the same kind differ by more than a twentieth on a busy machine.
    private static final double LIMIT = 0.95;
    private static final int TOKENS = 96;
    private static final int SLOTS = 4;
    private static final AtomicInteger REQUESTS = new AtomicInteger();

    private TwoModels() {}

    /// Two workers of one model each, and how they share the cores.
    private record Pair(String name, List<RunningWorker> workers, List<Block> blocks) {
        Pair(String name, RunningWorker... workers) {
            this(name, List.of(workers), new ArrayList<>());
        }

        double medianRate() {
            double[] rates = blocks.stream().mapToDouble(Block::rate).sorted().toArray();
            return (rates[(rates.length - 1) / 2] + rates[rates.length / 2]) / 2;
        }

        double gapMillis(double quantile) {
            double[] gaps = blocks.stream()
                    .flatMap(block -> block.gaps().stream())
                    .mapToDouble(Double::doubleValue)
                    .sorted()
                    .toArray();
            return gaps[(int) Math.min(gaps.length - 1L, Math.round(quantile * gaps.length))];
        }
    }

    /// @param rate tokens per second of all streams
    /// @param gaps milliseconds between tokens of a stream
    private record Block(double rate, List<Double> gaps) {}

    public static void main(String[] args) throws Exception {
        int rounds = Integer.parseInt(args[1]);
        boolean met = true;
        try (WorkerLauncher shared = BenchEngines.launcher(true);
                WorkerLauncher free = BenchEngines.launcher(false);
                ExecutorService readers = Executors.newVirtualThreadPerTaskExecutor()) {
            int half = Math.max(1, Runtime.getRuntime().availableProcessors() / 2);
            List<Pair> pairs = List.of(
                    new Pair("one model alone", start(free, args, 0)),
                    new Pair("two that share", start(shared, args, 0), start(shared, args, 0)),
                    new Pair("two that do not", start(free, args, 0), start(free, args, 0)),
                    new Pair("two, half the threads", start(free, args, half), start(free, args, half)));
            for (int streams : new int[] {1, 4}) {
                for (int round = 0; round <= rounds; round++) {
                    for (Pair pair : pairs) {
                        Block block = block(readers, pair.workers(), streams);
                        if (round > 0) {
                            pair.blocks().add(block);
                        }
                    }
                }
                pairs.forEach(pair -> print(pair, streams));
                met &= pairs.get(1).medianRate() >= LIMIT * pairs.get(2).medianRate();
                pairs.forEach(pair -> pair.blocks().clear());
            }
            pairs.forEach(pair -> pair.workers().forEach(RunningWorker::close));
        }
        System.out.println(met ? "sharing is worth it" : "SHARING IS SLOWER");
        System.exit(met ? 0 : 1);
    }

    private static RunningWorker start(WorkerLauncher launcher, String[] args, int threads) throws Exception {
        LoadOrder order = new LoadOrder(
                LoadOrder.Kind.LLAMA,
                new ModelId("bench"),
                Path.of(args[0]),
                512,
                SLOTS,
                threads,
                Duration.ofMillis(100),
                Path.of(args[2]),
                null);
        return launcher.start(order, (phase, fraction) -> {});
    }

    private static void print(Pair pair, int streams) {
        System.out.printf(
                Locale.ROOT,
                "streams %d a model  %-22s  %7.1f tok/s in all (median)  gap p50 %6.1f  p99 %6.1f ms%n",
                streams,
                pair.name(),
                pair.medianRate(),
                pair.gapMillis(0.5),
                pair.gapMillis(0.99));
    }

    private static Block block(ExecutorService readers, List<RunningWorker> workers, int streams) throws Exception {
        List<Callable<double[]>> work = new ArrayList<>();
        for (RunningWorker worker : workers) {
            for (int i = 0; i < streams; i++) {
                int number = i;
                work.add(() -> gaps(worker.engine(), "stream number " + number));
            }
        }
        long startNanos = System.nanoTime();
        List<Future<double[]>> answers = readers.invokeAll(work);
        double seconds = (System.nanoTime() - startNanos) / 1e9;
        List<Double> gaps = new ArrayList<>();
        for (Future<double[]> answer : answers) {
            Arrays.stream(answer.get()).forEach(gaps::add);
        }
        return new Block(answers.size() * TOKENS / seconds, gaps);
    }

    /// Milliseconds between the tokens of an answer.
    private static double[] gaps(Engine engine, String prompt) throws InterruptedException {
        Semaphore available = new Semaphore(0);
        Generation generation = engine.submit(
                new GenerationRequest(
                        new RequestId("bench-" + REQUESTS.incrementAndGet()),
                        new Prompt.Text(prompt),
                        TOKENS,
                        new Stopping(List.of(), true, 0),
                        Sampling.GREEDY,
                        Share.DEFAULT),
                available::release);
        double[] gaps = new double[TOKENS - 1];
        int tokens = 0;
        long lastNanos = 0;
        while (true) {
            GenerationEvent event = generation.poll();
            if (event == null) {
                available.acquire();
            } else if (event instanceof GenerationEvent.Token) {
                long now = System.nanoTime();
                if (tokens++ > 0) {
                    gaps[tokens - 2] = (now - lastNanos) / 1e6;
                }
                lastNanos = now;
            } else if (event instanceof GenerationEvent.Terminal) {
                if (tokens != TOKENS) {
                    throw new IllegalStateException("tokens: " + tokens + " (expected: " + TOKENS + "), " + event);
                }
                return gaps;
            }
        }
    }
}
