package dev.millrace.llama.bench;

import dev.millrace.core.id.ModelId;
import dev.millrace.core.id.RequestId;
import dev.millrace.core.time.NanoClock;
import dev.millrace.engine.GenerationEvent.Terminal;
import dev.millrace.engine.GenerationRequest;
import dev.millrace.engine.Prompt;
import dev.millrace.engine.Sampling;
import dev.millrace.engine.Share;
import dev.millrace.engine.Stopping;
import dev.millrace.engine.batch.BackendFactory;
import dev.millrace.engine.batch.BatchEngine;
import dev.millrace.engine.batch.StepBatch;
import dev.millrace.engine.batch.StepBudget;
import dev.millrace.llama.LlamaBackend;
import dev.millrace.llama.LlamaLoader;
import dev.millrace.llama.LlamaOptions;
import dev.millrace.llama.ProgressListener;
import dev.millrace.llama.natives.NativeLibrary;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicReference;

/// The engine against the bare library, a long prompt against a running stream, a shared prefix against a cold one.
///
/// Arguments: `cost|bare|fairness|prefix`, GGUF file, threads, rounds. `bare` prints the rate of the bare loop
/// alone, one line per number of sequences, for `tools/bench/http.sh`.
public final class EngineBench {
    private static final int CONTEXT = 6_144;
    private static final int PROMPT = 16;
    private static final int DECODED = 200;
    private static final int WARM_TOKENS = 1_000;
    private static final Stopping GO_ON = new Stopping(List.of(), true, 0);

    private final Path model;
    private final int threads;
    private final NativeLibrary natives;
    private int nextId;

    private EngineBench(Path model, int threads, NativeLibrary natives) {
        this.model = model;
        this.threads = threads;
        this.natives = natives;
    }

    /// Runs one of the benchmarks; exits with 1 if its limit is missed.
    public static void main(String[] args) throws Exception {
        EngineBench bench = new EngineBench(Path.of(args[1]), Integer.parseInt(args[2]), BenchNatives.obtain());
        System.out.println("model " + bench.model.getFileName() + ", " + bench.natives.description() + ", threads "
                + bench.threads);
        boolean met = true;
        int rounds = Integer.parseInt(args[3]);
        switch (args[0]) {
            case "cost" -> met = bench.cost(rounds);
            case "bare" -> bench.bare(rounds);
            case "fairness" -> met = bench.fairness(rounds);
            case "prefix" -> {
                for (int i = 0; i < rounds; i++) {
                    met &= bench.prefix();
                }
            }
            default -> throw new IllegalArgumentException(args[0]);
        }
        System.out.println(met ? "limit met" : "LIMIT MISSED");
        System.exit(met ? 0 : 1);
    }

    // --- Scheduler cost

    private boolean cost(int rounds) {
        boolean met = true;
        // A server has compiled its token path long before anyone measures it.
        try (BatchEngine engine = start(1, backend -> {})) {
            StreamReader.complete(engine, request(prompt(new SplittableRandom(1), PROMPT), WARM_TOKENS));
        }
        for (int sequences : new int[] {1, 4, 16}) {
            double[] bare = new double[rounds];
            double[] whole = new double[rounds];
            for (int round = 0; round < rounds; round++) {
                AtomicReference<Double> bareRate = new AtomicReference<>(0.0);
                try (BatchEngine engine = start(sequences, backend -> bareRate.set(bareLoop(backend, sequences)))) {
                    bare[round] = bareRate.get();
                    whole[round] = engineRate(engine, sequences);
                }
                System.out.printf(
                        Locale.ROOT,
                        "round %d  sequences %2d  bare %7.2f tok/s  engine %7.2f tok/s  ratio %.3f%n",
                        round + 1,
                        sequences,
                        bare[round],
                        whole[round],
                        whole[round] / bare[round]);
            }
            double[] ratios = new double[rounds];
            Arrays.setAll(ratios, round -> whole[round] / bare[round]);
            double ratio = median(ratios);
            System.out.printf(
                    Locale.ROOT,
                    "sequences %2d  median bare %.2f  engine %.2f  median of the ratios %.3f (limit 0.97)%n",
                    sequences,
                    median(bare),
                    median(whole),
                    ratio);
            met &= ratio >= 0.97;
        }
        return met;
    }

    private void bare(int rounds) {
        for (int sequences : new int[] {1, 4, 16}) {
            double[] rates = new double[rounds];
            for (int round = 0; round < rounds; round++) {
                AtomicReference<Double> rate = new AtomicReference<>(0.0);
                start(sequences, backend -> rate.set(bareLoop(backend, sequences)))
                        .close();
                rates[round] = rate.get();
            }
            System.out.printf(Locale.ROOT, "bare %d %.2f%n", sequences, median(rates));
        }
    }

    /// Only `llama_decode`, on the thread and context that the engine then uses: random tokens, no sampling.
    private static double bareLoop(LlamaBackend backend, int sequences) {
        StepBatch batch = new StepBatch(backend.limits().batchTokens());
        SplittableRandom random = new SplittableRandom(7);
        int vocabulary = backend.vocabulary().size();
        for (int s = 0; s < sequences; s++) {
            batch.clear();
            for (int i = 0; i < PROMPT; i++) {
                batch.add(300 + random.nextInt(vocabulary - 400), i, s, i == PROMPT - 1);
            }
            backend.decode(batch);
        }
        long start = 0;
        for (int step = 0; step < DECODED + 10; step++) {
            if (step == 10) {
                start = System.nanoTime();
            }
            batch.clear();
            for (int s = 0; s < sequences; s++) {
                batch.add(300 + random.nextInt(vocabulary - 400), PROMPT + step, s, true);
            }
            backend.decode(batch);
        }
        double rate = DECODED * sequences / ((System.nanoTime() - start) / 1e9);
        for (int s = 0; s < sequences; s++) {
            backend.truncate(s, 0);
        }
        return rate;
    }

    private double engineRate(BatchEngine engine, int sequences) {
        List<StreamReader> readers = new ArrayList<>();
        SplittableRandom random = new SplittableRandom(11);
        for (int s = 0; s < sequences; s++) {
            readers.add(StreamReader.start(engine, request(prompt(random, PROMPT), DECODED + 40)));
        }
        readers.forEach(StreamReader::awaitEnd);
        // Count where all of them decode: from the 10th token of the last to start on, for DECODED - 10 steps at
        // least.
        long from =
                readers.stream().mapToLong(r -> r.arrivalNanos().get(10)).max().orElseThrow();
        long to = readers.stream()
                .mapToLong(r -> r.arrivalNanos().getLast())
                .min()
                .orElseThrow();
        long tokens = readers.stream()
                .flatMap(r -> r.arrivalNanos().stream())
                .filter(nanos -> nanos > from && nanos <= to)
                .count();
        return tokens / ((to - from) / 1e9);
    }

    // --- Fairness

    private record Fairness(double gapMillis, double limitMillis, double slowdown) {}

    private boolean fairness(int rounds) {
        List<Fairness> seen = new ArrayList<>();
        for (int i = 0; i < rounds; i++) {
            seen.add(fairness());
        }
        double gap = median(seen.stream().mapToDouble(Fairness::gapMillis).toArray());
        double limit = median(seen.stream().mapToDouble(Fairness::limitMillis).toArray());
        double slowdown = median(seen.stream().mapToDouble(Fairness::slowdown).toArray());
        System.out.printf(
                Locale.ROOT,
                "medians: gap p99 %.1f ms (limit %.1f), long prompt %.2f times its time alone (limit 1.5)%n",
                gap,
                limit,
                slowdown);
        return gap <= limit && slowdown <= 1.5;
    }

    private Fairness fairness() {
        try (BatchEngine engine = start(4, backend -> {})) {
            SplittableRandom random = new SplittableRandom(3);
            // The long prompt alone, with an empty cache, and the stream alone.
            double alone = StreamReader.complete(engine, request(prompt(random, 4_000), 4))
                    .firstTokenMillis();
            StreamReader victimAlone = StreamReader.complete(engine, request(prompt(random, PROMPT), 300));
            double solo = victimAlone.gapMillis(0.99, 0, Long.MAX_VALUE);
            // Both.
            StreamReader victim = StreamReader.start(engine, request(prompt(random, PROMPT), 1_500));
            victim.awaitTokens(50);
            StreamReader attacker = StreamReader.start(engine, request(prompt(random, 4_000), 4));
            attacker.awaitEnd();
            long from = attacker.submittedNanos();
            long to = attacker.arrivalNanos().getFirst();
            victim.cancelAndAwaitEnd();
            Fairness seen = new Fairness(
                    victim.gapMillis(0.99, from, to), Math.max(3 * solo, 150), attacker.firstTokenMillis() / alone);
            System.out.printf(
                    Locale.ROOT,
                    "victim gap p99 %.1f ms beside a 4,000-token prompt (alone %.1f, limit %.1f), max %.1f ms; "
                            + "long prompt %.2f s (alone %.2f s, ratio %.2f, limit 1.5); "
                            + "victim tokens meanwhile %d%n",
                    seen.gapMillis(),
                    solo,
                    seen.limitMillis(),
                    victim.gapMillis(1, from, to),
                    attacker.firstTokenMillis() / 1e3,
                    alone / 1e3,
                    seen.slowdown(),
                    victim.tokensBetween(from, to));
            return seen;
        }
    }

    // --- Prefix reuse

    private boolean prefix() {
        try (BatchEngine engine = start(4, backend -> {})) {
            SplittableRandom random = new SplittableRandom(5);
            int[] shared = prompt(random, 2_000);
            int[] first = concat(shared, prompt(random, 20));
            int[] second = concat(shared, prompt(random, 20));
            StreamReader running = StreamReader.start(engine, request(first, 2_000));
            running.awaitTokens(5);
            StreamReader reader = StreamReader.complete(engine, request(second, 4));
            double cold = running.firstTokenMillis();
            double warm = reader.firstTokenMillis();
            Terminal end = reader.end();
            running.cancelAndAwaitEnd();
            System.out.printf(
                    Locale.ROOT,
                    "shared prefix 2000: first token cold %.1f ms, beside the running first %.1f ms (%.1f %%, limit 10), "
                            + "cached_tokens %d of %d%n",
                    cold,
                    warm,
                    100 * warm / cold,
                    end.usage().cachedTokens(),
                    end.usage().promptTokens());
            return warm <= 0.1 * cold && end.usage().cachedTokens() == 2_000;
        }
    }

    // --- Shared

    private interface OnEngineThread {
        void run(LlamaBackend backend);
    }

    private BatchEngine start(int slots, OnEngineThread before) {
        LlamaOptions options = LlamaOptions.of(new ModelId("bench"), model, natives)
                .withContextTokens(CONTEXT)
                .withKvCells(3 * CONTEXT)
                .withSlots(slots, 4)
                .withThreads(threads);
        BackendFactory load =
                LlamaLoader.factory(options, ProgressListener.IGNORED, NanoClock.SYSTEM, Clock.systemUTC());
        return BatchEngine.start(
                        () -> {
                            BackendFactory.Loaded loaded = load.load();
                            before.run((LlamaBackend) loaded.backend());
                            return loaded;
                        },
                        StepBudget.DEFAULT,
                        NanoClock.SYSTEM,
                        task -> Thread.ofVirtual().start(task),
                        Thread.ofPlatform().name("engine").factory())
                .join();
    }

    private GenerationRequest request(int[] prompt, int maxTokens) {
        return new GenerationRequest(
                new RequestId("bench-" + nextId++),
                new Prompt.Tokens(Arrays.stream(prompt).boxed().toList()),
                maxTokens,
                GO_ON,
                Sampling.GREEDY,
                Share.DEFAULT);
    }

    /// Random tokens behind the control and byte ones.
    private static int[] prompt(SplittableRandom random, int length) {
        return random.ints(length, 300, 2_000).toArray();
    }

    private static int[] concat(int[] a, int[] b) {
        int[] all = Arrays.copyOf(a, a.length + b.length);
        System.arraycopy(b, 0, all, a.length, b.length);
        return all;
    }

    private static double median(double[] values) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        return sorted.length % 2 == 1
                ? sorted[sorted.length / 2]
                : (sorted[sorted.length / 2] + sorted[sorted.length / 2 - 1]) / 2;
    }
}
