package dev.millrace.bench;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;

/// Clients that leave while queued, in prefill and in decode: how soon the engine's slot is free, seen from
/// outside, and whether its accounts go back to zero.
///
/// Arguments: port, rounds per phase, slots of the server.
public final class Disconnects {
    private static final int PATIENCE_MILLIS = 20_000;

    private final InetSocketAddress server;
    private final int slots;
    private final HttpClient http = HttpClient.newHttpClient();
    private final HttpRequest metrics;
    private int nextPrompt;

    private Disconnects(int port, int slots) {
        this.server = new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
        this.slots = slots;
        this.metrics = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/metrics"))
                .build();
    }

    /// Runs it; exits with 1 if anything is left behind.
    public static void main(String[] args) throws Exception {
        Disconnects bench = new Disconnects(Integer.parseInt(args[0]), Integer.parseInt(args[2]));
        int rounds = Integer.parseInt(args[1]);
        boolean clean = bench.decode(rounds);
        clean &= bench.prefill(rounds);
        clean &= bench.queued(rounds);
        System.out.println(clean ? "nothing left behind" : "LEFT BEHIND");
        System.exit(clean ? 0 : 1);
    }

    private boolean decode(int rounds) throws IOException, InterruptedException {
        List<Freed> freed = new ArrayList<>();
        for (int i = 0; i < rounds; i++) {
            SseCall call = SseCall.post(server, "/v1/chat/completions", body("hello", 1_000));
            call.awaitHead();
            call.awaitEvents(3);
            freed.add(close(call, Accounts::isIdle));
        }
        return report("decode", freed);
    }

    private boolean prefill(int rounds) throws IOException, InterruptedException {
        List<Freed> freed = new ArrayList<>();
        for (int i = 0; i < rounds; i++) {
            SseCall call = SseCall.post(server, "/v1/chat/completions", body("word ".repeat(600), 50));
            await(accounts -> accounts.running == 1);
            freed.add(close(call, Accounts::isIdle));
        }
        return report("prefill", freed);
    }

    private boolean queued(int rounds) throws IOException, InterruptedException {
        List<SseCall> runners = new ArrayList<>();
        List<Freed> freed = new ArrayList<>();
        for (int i = 0; i < rounds; i++) {
            if (i % 20 == 0) {
                // Fresh runners, so that none of them comes to its end.
                for (SseCall runner : runners) {
                    runner.close();
                }
                await(Accounts::isIdle);
                runners.clear();
                for (int s = 0; s < slots; s++) {
                    SseCall runner = SseCall.post(server, "/v1/chat/completions", body("runner", 1_500));
                    runner.awaitHead();
                    runner.awaitEvents(2);
                    runners.add(runner);
                }
            }
            SseCall call = SseCall.post(server, "/v1/chat/completions", body("waiting", 50));
            await(accounts -> accounts.waiting == 1);
            freed.add(close(call, accounts -> accounts.waiting == 0));
        }
        for (SseCall runner : runners) {
            runner.close();
        }
        return report("queued", freed);
    }

    private Freed close(SseCall call, Predicate<Accounts> isFree) throws IOException, InterruptedException {
        double stepsBefore = read().steps;
        long start = System.nanoTime();
        call.close();
        Accounts after = await(isFree);
        return new Freed((System.nanoTime() - start) / 1e6, after.steps - stepsBefore);
    }

    private boolean report(String phase, List<Freed> freed) throws IOException, InterruptedException {
        Accounts end = await(accounts -> phase.equals("queued") || accounts.isIdle());
        if (phase.equals("queued")) {
            end = await(Accounts::isIdle);
        }
        Figures millis = Figures.of(freed.stream().mapToDouble(Freed::millis).toArray());
        Figures steps = Figures.of(freed.stream().mapToDouble(Freed::steps).toArray());
        boolean clean = end.isIdle() && Math.abs(end.heldCells) < 0.5;
        System.out.printf(
                Locale.ROOT,
                "%-8s %d rounds: free after p50 %.1f p99 %.1f max %.1f ms, steps p50 %.0f p99 %.0f max %.0f; "
                        + "left running %.0f, waiting %.0f, in flight %.0f, KV cells held %.1f%n",
                phase,
                millis.count(),
                millis.p50(),
                millis.p99(),
                millis.max(),
                steps.p50(),
                steps.p99(),
                steps.max(),
                end.running,
                end.waiting,
                end.inFlight,
                end.heldCells);
        return clean;
    }

    private Accounts await(Predicate<Accounts> condition) throws IOException, InterruptedException {
        long deadline = System.nanoTime() + PATIENCE_MILLIS * 1_000_000L;
        while (System.nanoTime() < deadline) {
            Accounts accounts = read();
            if (condition.test(accounts)) {
                return accounts;
            }
            LockSupport.parkNanos(200_000);
        }
        throw new IllegalStateException("not within " + PATIENCE_MILLIS + " ms: " + read());
    }

    private Accounts read() throws IOException, InterruptedException {
        String text = http.send(metrics, BodyHandlers.ofString()).body();
        return new Accounts(
                value(text, "vllm:num_requests_running{"),
                value(text, "vllm:num_requests_waiting{"),
                value(text, "millrace_requests_in_flight{"),
                value(text, "millrace_steps_total{"),
                value(text, "millrace_kv_held_cells{"));
    }

    private static double value(String metrics, String name) {
        int at = metrics.indexOf("\n" + name);
        if (at < 0) {
            throw new IllegalStateException("no metric " + name);
        }
        int from = metrics.indexOf("} ", at) + 2;
        return Double.parseDouble(metrics.substring(from, metrics.indexOf('\n', from)));
    }

    /// No two prompts begin alike, so none is taken from the prefix cache.
    private String body(String text, int maxTokens) {
        return "{\"model\":\"random-134m-q8_0\",\"stream\":true,\"ignore_eos\":true,\"temperature\":0,\"max_tokens\":"
                + maxTokens + ",\"messages\":[{\"role\":\"user\",\"content\":\"" + nextPrompt++ + " " + text + "\"}]}";
    }

    private record Freed(double millis, double steps) {}

    private record Accounts(double running, double waiting, double inFlight, double steps, double heldCells) {
        boolean isIdle() {
            return running == 0 && waiting == 0 && inFlight == 0;
        }
    }
}
