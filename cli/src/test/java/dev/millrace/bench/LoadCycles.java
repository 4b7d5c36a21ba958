package dev.millrace.bench;

import dev.millrace.cli.client.ServerClient;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/// Loads a model, asks it, unloads it, again and again: every answer has to be the first one, and in the end the
/// server has to hold what it held before.
///
/// Arguments: port, process id of the server, cycles, model, `workers` if models run in processes of their own (else
/// anything). Exits with 1 if anything is left or wrong.
public final class LoadCycles {
    private static final int LEAST_WARM_UP = 150;
    private static final int WARM_UP_PART = 5;
    private static final int SCRAPES = 2_000;
    private static final int READINGS = 10;
    private static final int TOKENS = 24;

    private final InetSocketAddress server;
    private final long process;
    private final String model;
    private final ServerClient client;
    private final ModelHistory history;
    private final List<Double> loadMillis = new ArrayList<>();
    private String expected = "";
    private int wrong;

    private LoadCycles(int port, long process, String model) throws Exception {
        this.server = new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
        this.process = process;
        this.model = model;
        this.client = new ServerClient(URI.create("http://127.0.0.1:" + port));
        this.history = ModelHistory.follow(client);
    }

    public static void main(String[] args) throws Exception {
        LoadCycles cycles = new LoadCycles(Integer.parseInt(args[0]), Long.parseLong(args[1]), args[3]);
        boolean held = cycles.run(Integer.parseInt(args[2]), args[4].equals("workers"));
        System.out.println(held ? "held" : "NOT HELD");
        System.exit(held ? 0 : 1);
    }

    private boolean run(int cycles, boolean workers) throws Exception {
        client.load(model, null, false);
        history.await(model, "loaded");
        List<Path> sockets = workers ? List.of(Footprint.socketDirectory(process)) : List.of();
        expected = ask().text();
        unload();
        warmUp(Math.max(LEAST_WARM_UP, cycles / WARM_UP_PART));
        loadMillis.clear();
        Footprint before = Footprint.least(process, sockets);
        System.out.println(Footprint.header());
        System.out.println(before.row("0"));
        long startNanos = System.nanoTime();
        for (int i = 1; i < cycles; i++) {
            cycle();
            if (i % Math.max(1, cycles / READINGS) == 0 && cycles - i >= cycles / READINGS) {
                System.out.println(Footprint.settled(process, sockets, before).row(Integer.toString(i)));
            }
        }
        cycle();
        double seconds = (System.nanoTime() - startNanos) / 1e9;
        Footprint after = Footprint.settled(process, sockets, before);
        System.out.println(after.row(Integer.toString(cycles)));
        return verdict(cycles, seconds, before, after);
    }

    /// As many cycles as it takes to have compiled most of what they run, which takes some MiB. And not only cycles:
    /// until the space for new objects has been filled once, each request makes the process larger.
    private void warmUp(int cycles) throws Exception {
        for (int i = 0; i < cycles; i++) {
            cycle();
        }
        HttpRequest scrape =
                HttpRequest.newBuilder(client.base().resolve("/metrics")).build();
        try (HttpClient http = HttpClient.newHttpClient()) {
            for (int i = 0; i < SCRAPES; i++) {
                http.send(scrape, BodyHandlers.discarding());
            }
        }
    }

    private boolean verdict(int cycles, double seconds, Footprint before, Footprint after) {
        Figures load = Figures.of(loadMillis);
        boolean nothingLeft = after.holdsNoMoreThan(before);
        System.out.printf(
                Locale.ROOT,
                "%d cycles of %s in %.0f s: load p50 %.1f p95 %.1f max %.1f ms; answers wrong %d (limit 0); "
                        + "RSS %+.2f %% (limit +%.0f %%), heap %+.2f MiB; left behind: %s%n",
                cycles,
                model,
                seconds,
                load.p50(),
                load.p95(),
                load.max(),
                wrong,
                100 * after.growth(before),
                100 * Footprint.GROWTH_LIMIT,
                (after.heapKib() - before.heapKib()) / 1024.0,
                nothingLeft ? "nothing" : "SOMETHING, see the table");
        return wrong == 0 && nothingLeft && after.growth(before) <= Footprint.GROWTH_LIMIT;
    }

    private void cycle() throws Exception {
        long from = System.nanoTime();
        client.load(model, null, false);
        history.await(model, "loaded");
        loadMillis.add((System.nanoTime() - from) / 1e6);
        ChatAnswer answer = ask();
        if (!answer.isWhole(model, expected)) {
            wrong++;
            System.out.println("WRONG: " + answer + " (expected: " + expected + ")");
        }
        unload();
        history.take();
    }

    private void unload() throws Exception {
        client.unload(model);
        history.await(model, "unloaded");
    }

    private ChatAnswer ask() throws Exception {
        return ChatAnswer.ask(server, ChatAnswer.greedy(model, "What is Millrace?", TOKENS));
    }
}
