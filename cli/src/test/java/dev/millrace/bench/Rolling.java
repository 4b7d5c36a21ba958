package dev.millrace.bench;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Queue;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.locks.LockSupport;

/// Requests at a fixed rate, whatever becomes of them, until a file appears: what a rolling restart costs clients.
/// Half of them are streamed. A time counts from the moment a request was due, so that a standstill shows in all
/// that fell into it.
///
/// Arguments: base address, model, requests per second, file that ends it.
public final class Rolling {
    private static final Duration LONGEST = Duration.ofMinutes(1);
    private static final int SHOWN = 5;

    private final HttpClient client =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final URI address;
    private final String model;
    private final Queue<Double> millis = new ConcurrentLinkedQueue<>();
    private final Queue<String> failures = new ConcurrentLinkedQueue<>();

    private Rolling(String base, String model) {
        this.address = URI.create(base + "/v1/chat/completions");
        this.model = model;
    }

    /// Runs it; exits with 1 if any request failed.
    public static void main(String[] args) {
        Rolling rolling = new Rolling(args[0], args[1]);
        rolling.run(Integer.parseInt(args[2]), Path.of(args[3]));
        System.exit(rolling.report() ? 0 : 1);
    }

    private void run(int perSecond, Path end) {
        long startNanos = System.nanoTime();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (long n = 0; !Files.exists(end); n++) {
                long dueNanos = startNanos + n * 1_000_000_000L / perSecond;
                for (long left = dueNanos - System.nanoTime(); left > 0; left = dueNanos - System.nanoTime()) {
                    LockSupport.parkNanos(left);
                }
                boolean stream = n % 2 == 1;
                threads.execute(() -> ask(stream, dueNanos, startNanos));
            }
        }
    }

    private void ask(boolean stream, long dueNanos, long startNanos) {
        String failure;
        try {
            HttpResponse<String> answer = client.send(request(stream), HttpResponse.BodyHandlers.ofString());
            failure = objection(answer, stream);
        } catch (IOException e) {
            failure = e.toString();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            failure = "interrupted";
        }
        millis.add((System.nanoTime() - dueNanos) / 1e6);
        if (!failure.isEmpty()) {
            failures.add(failure);
            if (failures.size() <= SHOWN) {
                System.out.printf(
                        Locale.ROOT, "failed after %.2f s: %s%n", (System.nanoTime() - startNanos) / 1e9, failure);
            }
        }
    }

    private HttpRequest request(boolean stream) {
        String body = "{\"model\":\"" + model + "\",\"stream\":" + stream
                + ",\"messages\":[{\"role\":\"user\",\"content\":\"one two three\"}]}";
        return HttpRequest.newBuilder(address)
                .timeout(LONGEST)
                .header("content-type", "application/json")
                .header("authorization", "Bearer rolling")
                .POST(HttpRequest.BodyPublishers.ofString(body))
                .build();
    }

    /// What is wrong with an answer; empty if it is whole.
    private static String objection(HttpResponse<String> answer, boolean stream) {
        String body = answer.body();
        boolean whole = stream
                ? body.endsWith("data: [DONE]\n\n") && !body.contains("data: {\"error\"")
                : body.contains("\"finish_reason\":\"");
        if (answer.statusCode() == 200 && whole) {
            return "";
        }
        String end = body.substring(Math.max(0, body.length() - 200)).replace("\n", "\\n");
        return answer.statusCode() + (stream ? " (stream) " : " ") + end;
    }

    private boolean report() {
        Figures figures = Figures.of(new ArrayList<>(millis));
        System.out.printf(
                Locale.ROOT,
                "requests %d  failed %d  p50 %.1f  p99 %.1f  slowest %.1f ms%n",
                figures.count(),
                failures.size(),
                figures.p50(),
                figures.p99(),
                figures.max());
        Map<String, Integer> kinds = new TreeMap<>();
        failures.forEach(failure -> kinds.merge(failure.replaceAll("req[-_]\\w+", "…"), 1, Integer::sum));
        List<String> lines = kinds.entrySet().stream()
                .map(kind -> kind.getValue() + " x " + kind.getKey())
                .limit(SHOWN)
                .toList();
        lines.forEach(System.out::println);
        return failures.isEmpty() && figures.count() > 0;
    }
}
