package dev.millrace.bench;

import dev.millrace.cli.client.ServerClient;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Function;

/// What clients of a model see while another one loads, next to what they see in quiet; phases of both take turns.
///
/// Arguments: port, rounds, the model that answers, the model that is loaded, clients, tokens of an answer. Exits with
/// 1 if a p99 is above 1.2 times the quiet one, or an answer is wrong.
public final class BesideLoads {
    private static final double LIMIT = 1.2;
    private static final long PHASE_NANOS = 5_000_000_000L;
    private static final long PAUSE_NANOS = 300_000_000L;

    private final InetSocketAddress server;
    private final String answering;
    private final String loading;
    private final int tokens;
    private final ServerClient client;
    private final ModelHistory history;
    private final List<Window> quiet = new ArrayList<>();
    private final List<Window> beside = new ArrayList<>();

    private BesideLoads(int port, String answering, String loading, int tokens) throws Exception {
        this.server = new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
        this.answering = answering;
        this.loading = loading;
        this.tokens = tokens;
        this.client = new ServerClient(URI.create("http://127.0.0.1:" + port));
        this.history = ModelHistory.follow(client);
    }

    /// A phase; what begins in it counts for it.
    private record Window(long from, long to) {
        boolean has(long nanos) {
            return from <= nanos && nanos < to;
        }
    }

    public static void main(String[] args) throws Exception {
        BesideLoads bench = new BesideLoads(Integer.parseInt(args[0]), args[2], args[3], Integer.parseInt(args[5]));
        boolean held = bench.run(Integer.parseInt(args[1]), Integer.parseInt(args[4]));
        System.out.println(held ? "held" : "NOT HELD");
        System.exit(held ? 0 : 1);
    }

    private boolean run(int rounds, int clients) throws Exception {
        history.await(answering, "loaded");
        client.load(loading, null, false);
        history.await(loading, "loaded");
        String expected = ask().text();
        AtomicBoolean over = new AtomicBoolean();
        List<ChatAnswer> answers = new ArrayList<>();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<List<ChatAnswer>>> running = new ArrayList<>();
            for (int i = 0; i < clients; i++) {
                running.add(threads.submit(() -> askOn(over)));
            }
            for (int round = 0; round < rounds; round++) {
                round();
            }
            over.set(true);
            for (Future<List<ChatAnswer>> one : running) {
                answers.addAll(one.get());
            }
        }
        List<ChatAnswer> wrong = answers.stream()
                .filter(answer -> !answer.isWhole(answering, expected))
                .toList();
        wrong.forEach(answer -> System.out.println("WRONG: " + answer + " (expected: " + expected + ")"));
        return report(answers, clients) && wrong.isEmpty();
    }

    private List<ChatAnswer> askOn(AtomicBoolean over) throws IOException {
        List<ChatAnswer> answers = new ArrayList<>();
        while (!over.get()) {
            answers.add(ask());
        }
        return answers;
    }

    private ChatAnswer ask() throws IOException {
        return ChatAnswer.ask(server, ChatAnswer.greedy(answering, "What is Millrace?", tokens));
    }

    /// As long in quiet as beside loads: one long one, or several.
    private void round() throws Exception {
        LockSupport.parkNanos(PAUSE_NANOS);
        long from = System.nanoTime();
        while (System.nanoTime() - from < PHASE_NANOS) {
            LockSupport.parkNanos(PHASE_NANOS - (System.nanoTime() - from));
        }
        quiet.add(new Window(from, System.nanoTime()));
        long spent = 0;
        while (spent < PHASE_NANOS) {
            client.unload(loading);
            history.await(loading, "unloaded");
            LockSupport.parkNanos(PAUSE_NANOS);
            long begin = System.nanoTime();
            client.load(loading, null, false);
            history.await(loading, "loaded");
            Window window = new Window(begin, System.nanoTime());
            beside.add(window);
            spent += window.to() - window.from();
        }
    }

    private boolean report(List<ChatAnswer> answers, int clients) {
        Figures loads = Figures.of(beside.stream()
                .map(window -> (window.to() - window.from()) / 1e6)
                .toList());
        System.out.printf(
                Locale.ROOT,
                "%d clients of %s, %d answers; %d loads of %s beside them, p50 %.0f max %.0f ms%n",
                clients,
                answering,
                answers.size(),
                loads.count(),
                loading,
                loads.p50(),
                loads.max());
        boolean first = compare("first token", answers, BesideLoads::firsts);
        return compare("gap between tokens", answers, BesideLoads::gaps) && first;
    }

    /// A time that began at a moment.
    private record Sample(long nanos, double millis) {}

    private static List<Sample> firsts(ChatAnswer answer) {
        return List.of(new Sample(answer.askedNanos(), answer.firstMillis()));
    }

    private static List<Sample> gaps(ChatAnswer answer) {
        List<Sample> gaps = new ArrayList<>();
        for (int i = 1; i < answer.arrivals().size(); i++) {
            long from = answer.arrivals().get(i - 1);
            gaps.add(new Sample(from, (answer.arrivals().get(i) - from) / 1e6));
        }
        return gaps;
    }

    private boolean compare(String what, List<ChatAnswer> answers, Function<ChatAnswer, List<Sample>> samples) {
        List<Sample> all = answers.stream()
                .filter(answer -> !answer.arrivals().isEmpty())
                .flatMap(answer -> samples.apply(answer).stream())
                .toList();
        Figures alone = within(quiet, all);
        Figures loaded = within(beside, all);
        double ratio = loaded.p99() / alone.p99();
        System.out.printf(
                Locale.ROOT,
                "%-18s quiet: n %6d p50 %7.2f p99 %7.2f max %7.2f ms   loading: n %6d p50 %7.2f p99 %7.2f max %7.2f ms   "
                        + "ratio of medians %.2f, of p99 %.2f (limit %.1f)%n",
                what,
                alone.count(),
                alone.p50(),
                alone.p99(),
                alone.max(),
                loaded.count(),
                loaded.p50(),
                loaded.p99(),
                loaded.max(),
                loaded.p50() / alone.p50(),
                ratio,
                LIMIT);
        return ratio <= LIMIT;
    }

    private static Figures within(List<Window> windows, List<Sample> samples) {
        return Figures.of(samples.stream()
                .filter(sample -> windows.stream().anyMatch(window -> window.has(sample.nanos())))
                .map(Sample::millis)
                .toList());
    }
}
