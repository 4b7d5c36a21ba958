package dev.millrace.bench;

import dev.millrace.testing.upstream.Scene;
import dev.millrace.testing.upstream.ScriptedUpstream;
import dev.millrace.testing.upstream.SeenRequest;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;

/// A fifth of what three upstreams answer are failures of seven kinds. Every one is accounted for: as many as were
/// injected
/// must be in the gateway's log and in its metrics, and, when nothing is tried again, seen by clients. No client may
/// get a
/// word of another's answer.
///
/// Arguments: the project's folder, requests, workers, seed. Exits with 1 if anything does not add up.
public final class InjectedErrors {
    private static final double SHARE = 0.2;
    private static final int UPSTREAMS = 3;

    private final Path root;
    private final int requests;
    private final int workers;
    private final long seed;
    private final AtomicInteger injected = new AtomicInteger();
    private final AtomicInteger well = new AtomicInteger();
    private final AtomicInteger failed = new AtomicInteger();
    private final AtomicInteger crossed = new AtomicInteger();

    private InjectedErrors(Path root, int requests, int workers, long seed) {
        this.root = root;
        this.requests = requests;
        this.workers = workers;
        this.seed = seed;
    }

    public static void main(String[] args) throws Exception {
        Path root = Path.of(args[0]);
        int requests = Integer.parseInt(args[1]);
        int workers = Integer.parseInt(args[2]);
        long seed = Long.parseLong(args[3]);
        System.out.printf(Locale.ROOT, "%d requests, %d workers, %.0f %% injected%n", requests, workers, 100 * SHARE);
        boolean held = new InjectedErrors(root, requests, workers, seed).run(1, 0);
        held &= new InjectedErrors(root, requests, workers, seed).run(3, 20);
        held &= new InjectedErrors(root, requests, workers, seed).run(4, 30);
        System.out.println(held ? "held" : "NOT HELD");
        System.exit(held ? 0 : 1);
    }

    private boolean run(int attempts, int budget) throws Exception {
        List<ScriptedUpstream> upstreams = new ArrayList<>();
        List<String> addresses = new ArrayList<>();
        for (int i = 0; i < UPSTREAMS; i++) {
            int number = i;
            ScriptedUpstream upstream = ScriptedUpstream.start().models("small").script(seen -> scene(number, seen));
            upstreams.add(upstream);
            addresses.add(upstream.url());
        }
        Path log = Files.createTempFile("millrace-gateway", ".log");
        try (GatewayProcess gateway = GatewayProcess.start(
                root,
                log,
                addresses,
                "gateway.attempts=" + attempts,
                "gateway.retry-budget=" + budget,
                "log.requests=failed")) {
            load(gateway);
            return report(gateway, attempts, budget);
        } finally {
            upstreams.forEach(ScriptedUpstream::close);
            Files.delete(log);
        }
    }

    /// By the number of the request at its upstream, so that a seed gives the same faults again.
    private Scene scene(int upstream, SeenRequest seen) {
        SplittableRandom chance = new SplittableRandom(seed + 31L * seen.index() + 7_919L * upstream);
        if (chance.nextDouble() >= SHARE) {
            return Scene.echo();
        }
        injected.incrementAndGet();
        return switch (chance.nextInt(7)) {
            case 0 -> Scene.status(500, "{\"error\":{\"message\":\"injected\"}}");
            case 1 -> Scene.status(503, "{}");
            case 2 -> Scene.status(429, "{}");
            case 3 -> Scene.resetBeforeHeaders();
            case 4 -> Scene.html();
            case 5 -> Scene.echo().wrongModel("other");
            default ->
                seen.stream() ? Scene.echo().cutAfterEvents(1) : Scene.echo().wholeCutAfterBytes(60);
        };
    }

    private void load(GatewayProcess gateway) throws Exception {
        AtomicInteger next = new AtomicInteger();
        try (HttpClient client = HttpClient.newBuilder()
                        .version(HttpClient.Version.HTTP_1_1)
                        .build();
                ExecutorService pool = Executors.newFixedThreadPool(workers)) {
            List<Future<?>> all = new ArrayList<>();
            for (int worker = 0; worker < workers; worker++) {
                all.add(pool.submit(() -> {
                    for (int i = next.getAndIncrement(); i < requests; i = next.getAndIncrement()) {
                        ask(client, gateway, i);
                    }
                    return null;
                }));
            }
            for (Future<?> one : all) {
                one.get();
            }
        }
    }

    private void ask(HttpClient client, GatewayProcess gateway, int number) throws InterruptedException {
        String canary = "canary-" + number + "-";
        String body = "{\"model\":\"small\",\"stream\":" + (number % 2 == 0)
                + ",\"messages\":[{\"role\":\"user\",\"content\":\"" + canary + "\"}]}";
        HttpRequest request = HttpRequest.newBuilder(gateway.uri("/v1/chat/completions"))
                .header("content-type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(body))
                .build();
        try {
            HttpResponse<String> answer = client.send(request, HttpResponse.BodyHandlers.ofString());
            String text = answer.body();
            boolean whole = answer.statusCode() == 200
                    && text.contains(canary)
                    && !text.contains("\"error\"")
                    && text.contains("\"finish_reason\":\"stop\"");
            (whole ? well : failed).incrementAndGet();
            if (text.replace(canary, "").contains("canary-")) {
                crossed.incrementAndGet();
            }
        } catch (IOException _) {
            failed.incrementAndGet();
        }
    }

    private boolean report(GatewayProcess gateway, int attempts, int budget) throws Exception {
        long counted = gateway.sum("millrace_upstream_attempts_total", "end=", "end=\"answered\"");
        long all = gateway.sum("millrace_upstream_attempts_total", "end=", "");
        long logged = gateway.logged("event=attempt_failed");
        long inFlight = gateway.sum("millrace_upstream_in_flight", "upstream=", "")
                + gateway.sum("millrace_pool_in_use", "upstream=", "");
        System.out.printf(
                Locale.ROOT,
                "at most %d attempts, budget %d %%: injected %d, logged %d, counted %d; clients: whole %d, failed %d"
                        + " (success %.3f %%), crossed %d; attempts per request %.3f; left in flight %d%n",
                attempts,
                budget,
                injected.get(),
                logged,
                counted,
                well.get(),
                failed.get(),
                100.0 * well.get() / requests,
                crossed.get(),
                (double) all / requests,
                inFlight);
        boolean seen = attempts > 1 || failed.get() == injected.get();
        boolean bounded = all <= requests * (1 + budget / 100.0) + 10;
        return injected.get() == logged
                && injected.get() == counted
                && seen
                && bounded
                && crossed.get() == 0
                && inFlight == 0
                && well.get() + failed.get() == requests;
    }
}
