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
import dev.millrace.engine.batch.ModelBackend;
import dev.millrace.engine.batch.StepBudget;
import dev.millrace.llama.Cores;
import dev.millrace.llama.LlamaBackend;
import dev.millrace.llama.LlamaLoader;
import dev.millrace.llama.LlamaOptions;
import dev.millrace.llama.ProgressListener;
import dev.millrace.llama.natives.NativeLibrary;
import dev.millrace.testing.bench.InterleavedBackend;
import dev.millrace.testing.bench.InterleavedBackend.Pair;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;

/// The engine against the bare library, a long prompt against a running stream, a shared prefix against a cold one.
///
/// Arguments: `cost|fairness|prefix`, GGUF file, threads, rounds.
public final class EngineBench {
    private static final int CONTEXT = 6_144;
    private static final int PROMPT = 16;
    private static final int DECODED = 240;
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
        try (BatchEngine engine = start(1, backend -> backend)) {
            StreamReader.complete(engine, request(prompt(new SplittableRandom(1), PROMPT), WARM_TOKENS));
        }
        for (int sequences : new int[] {1, 4, 16}) {
            List<Pair> all = new ArrayList<>();
            for (int round = 0; round < rounds; round++) {
                List<Pair> pairs = interleaved(sequences);
                print("round " + (round + 1), sequences, pairs);
                all.addAll(pairs);
            }
            met &= print("all", sequences, all) >= 0.97;
        }
        return met;
    }

    private List<Pair> interleaved(int sequences) {
        // Filled on the engine thread, which has ended when it is read.
        List<Pair> pairs = new ArrayList<>();
        try (BatchEngine engine =
                start(sequences, backend -> new InterleavedBackend(backend, sequences, NanoClock.SYSTEM, pairs::add))) {
            SplittableRandom random = new SplittableRandom(11);
            List<StreamReader> readers = new ArrayList<>();
            for (int s = 0; s < sequences; s++) {
                readers.add(StreamReader.start(engine, request(prompt(random, PROMPT), DECODED)));
            }
            readers.forEach(StreamReader::awaitEnd);
        }
        return pairs;
    }

    /// Prints the rates of all blocks together, and returns the median of the blocks' ratios: one stall of the machine
    /// in one block of either kind moves the sum by more than what is measured.
    private static double print(String what, int sequences, List<Pair> pairs) {
        double tokens = (double) InterleavedBackend.BLOCK * sequences * pairs.size();
        double bare = tokens / (pairs.stream().mapToLong(Pair::bareNanos).sum() / 1e9);
        double engine = tokens / (pairs.stream().mapToLong(Pair::engineNanos).sum() / 1e9);
        double[] ratios = pairs.stream().mapToDouble(Pair::ratio).sorted().toArray();
        System.out.printf(
                Locale.ROOT,
                "%s: sequences %2d  blocks %3d  bare %7.2f tok/s  engine %7.2f tok/s  ratio of sums %.3f  "
                        + "ratios of blocks: quartiles %.3f %.3f, median %.3f%n",
                what,
                sequences,
                pairs.size(),
                bare,
                engine,
                engine / bare,
                ratios[ratios.length / 4],
                ratios[ratios.length * 3 / 4],
                median(ratios));
        return median(ratios);
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
        try (BatchEngine engine = start(4, backend -> backend)) {
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
        try (BatchEngine engine = start(4, backend -> backend)) {
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

    private interface Wrapping {
        ModelBackend wrap(LlamaBackend backend);
    }

    private BatchEngine start(int slots, Wrapping wrapping) {
        LlamaOptions options = LlamaOptions.of(new ModelId("bench"), model, natives)
                .withContextTokens(CONTEXT)
                .withKvCells(3 * CONTEXT)
                .withSlots(2 * slots, 4)
                .withThreads(threads);
        BackendFactory load = LlamaLoader.factory(
                options, ProgressListener.IGNORED, Cores.ALONE, NanoClock.SYSTEM, Clock.systemUTC());
        return BatchEngine.start(
                        () -> {
                            BackendFactory.Loaded loaded = load.load();
                            return new BackendFactory.Loaded(
                                    wrapping.wrap((LlamaBackend) loaded.backend()), loaded.cost());
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
