package dev.millrace.bench;

import dev.millrace.bench.ModelHistory.Moment;
import dev.millrace.cli.client.ServerClient;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import java.util.function.ToDoubleFunction;

/// Three models and memory for one: first one client that asks A, B, A, C, … in turn, then clients of all three at
/// once, of A twice as many. Everybody has to be answered, rightly and within the time that docs/architecture.md
/// promises, and no model may leave before it was of use.
///
/// Arguments: port, loads to live through in each part, the server's log, models A, B and C. Exits with 1 if anything
/// is wrong.
public final class SwapStorm {
    private static final int TOKENS = 16;
    private static final int[] CLIENTS = {4, 2, 2};
    private static final int[] TURNS = {0, 1, 0, 2};
    private static final double SWAP_AFTER_MILLIS = 1_000;
    private static final double MOST_STAY_MILLIS = 10_000;
    private static final double LEAST_FAIRNESS = 0.9;

    private final InetSocketAddress server;
    private final Path log;
    private final List<String> models;
    private final ServerClient client;
    private final ModelHistory history;
    private final Map<String, String> expected = new HashMap<>();
    private final ConcurrentLinkedQueue<String> wrong = new ConcurrentLinkedQueue<>();

    private SwapStorm(int port, Path log, List<String> models) throws Exception {
        this.server = new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
        this.log = log;
        this.models = models;
        this.client = new ServerClient(URI.create("http://127.0.0.1:" + port));
        this.history = ModelHistory.follow(client);
    }

    /// One answer.
    private record Served(String model, ChatAnswer answer, long endNanos) {}

    public static void main(String[] args) throws Exception {
        SwapStorm storm =
                new SwapStorm(Integer.parseInt(args[0]), Path.of(args[2]), List.of(args[3], args[4], args[5]));
        boolean held = storm.run(Integer.parseInt(args[1]));
        System.out.println(held ? "held" : "NOT HELD");
        System.exit(held ? 0 : 1);
    }

    private boolean run(int loads) throws Exception {
        for (String model : models) {
            expected.put(model, ask(model).text());
        }
        if (new HashSet<>(expected.values()).size() < models.size()) {
            throw new IllegalStateException("two models answer alike: a mix-up would not be seen");
        }
        boolean turns = inTurns(loads);
        boolean storm = allAtOnce(loads);
        return turns && storm;
    }

    private boolean inTurns(int requests) throws Exception {
        history.take();
        long before = loadsInLog();
        List<Served> served = new ArrayList<>();
        for (int i = 0; i < requests; i++) {
            served.add(serve(models.get(TURNS[i % TURNS.length])));
        }
        long loads = loadsInLog() - before;
        System.out.printf("one client, A B A C A B A C …: %d requests, %d loads%n", requests, loads);
        boolean held = report(served, "", ModelStays.of(history.take()), loads);
        return held && loads <= requests;
    }

    private boolean allAtOnce(int loads) throws Exception {
        history.take();
        long before = loadsInLog();
        AtomicBoolean over = new AtomicBoolean();
        List<Moment> moments = new ArrayList<>();
        List<Future<List<Served>>> clients = new ArrayList<>();
        List<Served> served = new ArrayList<>();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < CLIENTS.length; i++) {
                String model = models.get(i);
                for (int j = 0; j < CLIENTS[i]; j++) {
                    clients.add(threads.submit(() -> askOn(model, over)));
                }
            }
            while (ModelStays.of(moments).count() < loads && clients.stream().noneMatch(Future::isDone)) {
                LockSupport.parkNanos(20_000_000);
                moments.addAll(history.take());
            }
            over.set(true);
            for (Future<List<Served>> one : clients) {
                served.addAll(one.get());
            }
        }
        moments.addAll(history.take());
        System.out.printf("clients of all models at once, each asking on and on: %d requests%n", served.size());
        ModelStays stays = ModelStays.of(moments);
        boolean held = report(served, "clients", stays, loadsInLog() - before);
        double ofTurns = fairness(model -> stays.answers(model).size());
        double ofAnswers = fairness(model -> (double) served.stream()
                        .filter(each -> each.model().equals(model))
                        .count()
                / CLIENTS[models.indexOf(model)]);
        System.out.printf(
                Locale.ROOT,
                "  Jain's fairness over models: of turns in memory %.3f (limit %.1f), of answers per client, which also "
                        + "tells how fast the models are, %.3f%n",
                ofTurns,
                LEAST_FAIRNESS,
                ofAnswers);
        return held && ofTurns >= LEAST_FAIRNESS;
    }

    private List<Served> askOn(String model, AtomicBoolean over) throws IOException {
        List<Served> served = new ArrayList<>();
        while (!over.get()) {
            served.add(serve(model));
        }
        return served;
    }

    private Served serve(String model) throws IOException {
        ChatAnswer answer = ask(model);
        if (!answer.isWhole(model, expected.getOrDefault(model, ""))) {
            wrong.add(model + ": " + answer);
        }
        return new Served(model, answer, System.nanoTime());
    }

    private ChatAnswer ask(String model) throws IOException {
        return ChatAnswer.ask(server, ChatAnswer.greedy(model, "What is Millrace?", TOKENS));
    }

    private boolean report(List<Served> served, String clients, ModelStays stays, long loadsInLog) {
        List<String> told = List.copyOf(wrong);
        told.forEach(each -> System.out.println("  WRONG: " + each));
        served.forEach(each -> stays.serve(each.model(), each.answer().firstNanos()));
        System.out.printf(
                "  %-18s %7s %7s %6s %16s  %s%n",
                "", clients, "answers", "loads", "answers per load", "first token after ms: p50    p95    max");
        for (int i = 0; i < models.size(); i++) {
            String model = models.get(i);
            Figures waits = Figures.of(served.stream()
                    .filter(each -> each.model().equals(model))
                    .map(each -> each.answer().firstMillis())
                    .toList());
            Figures perLoad = Figures.of(stays.answers(model));
            System.out.printf(
                    Locale.ROOT,
                    "  %-18s %7s %7d %6d %5.0f to %5.0f   %31.0f %6.0f %6.0f%n",
                    model,
                    clients.isEmpty() ? "" : Integer.toString(CLIENTS[i]),
                    waits.count(),
                    perLoad.count(),
                    perLoad.min(),
                    perLoad.max(),
                    waits.p50(),
                    waits.p95(),
                    waits.max());
        }
        return judge(served, stays, loadsInLog) && told.isEmpty();
    }

    private boolean judge(List<Served> served, ModelStays stays, long loadsInLog) {
        double longestAnswer = served.stream()
                .mapToDouble(each -> (each.endNanos() - each.answer().firstNanos()) / 1e6)
                .max()
                .orElse(0);
        double longestWait = served.stream()
                .mapToDouble(each -> each.answer().firstMillis())
                .max()
                .orElse(0);
        double stay = Math.min(stays.longestLoadMillis(), MOST_STAY_MILLIS);
        double limit = SWAP_AFTER_MILLIS + models.size() * (stay + stays.longestChangeMillis() + longestAnswer);
        System.out.printf(
                Locale.ROOT,
                "  answers wrong %d (limit 0); loads %d (the log says %d); loads that answered nobody %d (limit 0); "
                        + "most models in memory at once %d (limit 1)%n"
                        + "  longest wait %.0f ms (limit %.0f: 1 s, then for each model a stay of at most %.0f ms, one change "
                        + "of at most %.0f ms and answers of at most %.0f ms)%n",
                wrong.size(),
                stays.count(),
                loadsInLog,
                stays.unused(),
                stays.mostAtOnce(),
                longestWait,
                limit,
                stay,
                stays.longestChangeMillis(),
                longestAnswer);
        return stays.unused() == 0 && stays.mostAtOnce() <= 1 && longestWait <= limit && stays.count() == loadsInLog;
    }

    private double fairness(ToDoubleFunction<String> shareOf) {
        double sum = 0;
        double squares = 0;
        for (String model : models) {
            double share = shareOf.applyAsDouble(model);
            sum += share;
            squares += share * share;
        }
        return sum * sum / (models.size() * squares);
    }

    private long loadsInLog() throws IOException {
        try (var lines = Files.lines(log)) {
            return lines.filter(line -> line.contains("event=model_load ")).count();
        }
    }
}
