package dev.millrace.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/// Many streams at once against a running server: nothing lost, doubled or reordered, every usage exact.
///
/// Arguments: port, streams, model, tokens per stream, process id of the server (for its memory).
public final class ManyStreams {
    private static final ObjectMapper JSON = new ObjectMapper();

    private ManyStreams() {}

    /// Runs it; exits with 1 if any stream is wrong.
    public static void main(String[] args) throws Exception {
        InetSocketAddress server = new InetSocketAddress(InetAddress.getLoopbackAddress(), Integer.parseInt(args[0]));
        int streams = Integer.parseInt(args[1]);
        String model = args[2];
        int tokens = Integer.parseInt(args[3]);
        String body = "{\"model\":\"" + model + "\",\"stream\":true,\"stream_options\":{\"include_usage\":true},"
                + "\"messages\":[{\"role\":\"user\",\"content\":\"one two three\"}]}";
        Answer expected = run(server, body);
        long start = System.nanoTime();
        List<Answer> answers = runAll(server, body, streams);
        double seconds = (System.nanoTime() - start) / 1e9;
        long wrong = answers.stream()
                .filter(a -> !a.isLike(expected, tokens))
                .peek(a -> System.out.println("wrong: " + a))
                .count();
        double[] firsts = answers.stream().mapToDouble(Answer::firstMillis).toArray();
        Figures first = Figures.of(firsts);
        System.out.printf(
                Locale.ROOT,
                "streams %d  events %d  wrong %d  wall %.2f s  first token p50 %.1f p99 %.1f ms  server RSS %s%n",
                streams,
                answers.stream().mapToInt(Answer::events).sum(),
                wrong,
                seconds,
                first.p50(),
                first.p99(),
                args.length > 4 ? rss(args[4]) : "?");
        System.exit(wrong == 0 ? 0 : 1);
    }

    private static List<Answer> runAll(InetSocketAddress server, String body, int streams)
            throws InterruptedException, ExecutionException {
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<Answer>> running = new ArrayList<>();
            for (int i = 0; i < streams; i++) {
                running.add(threads.submit(() -> run(server, body)));
            }
            List<Answer> answers = new ArrayList<>();
            for (Future<Answer> future : running) {
                answers.add(future.get());
            }
            return answers;
        }
    }

    private static Answer run(InetSocketAddress server, String body) throws IOException {
        long start = System.nanoTime();
        try (SseCall call = SseCall.post(server, "/v1/chat/completions", body)) {
            int status = call.awaitHead();
            Reading reading = new Reading(start);
            if (status == 200) {
                call.readEvents(reading::event);
            }
            return new Answer(
                    status,
                    reading.text.toString(),
                    reading.contentEvents,
                    reading.events,
                    reading.completionTokens,
                    reading.firstMillis);
        }
    }

    private static String rss(String pid) throws IOException {
        return Files.readAllLines(Path.of("/proc", pid, "status")).stream()
                .filter(line -> line.startsWith("VmRSS"))
                .findFirst()
                .map(line -> Long.parseLong(line.replaceAll("\\D", "")) / 1024 + " MiB")
                .orElse("?");
    }

    private static final class Reading {
        private final long startNanos;
        private final StringBuilder text = new StringBuilder();
        private int events;
        private int contentEvents;
        private int completionTokens = -1;
        private double firstMillis;

        Reading(long startNanos) {
            this.startNanos = startNanos;
        }

        void event(String payload, long nanos) {
            events++;
            try {
                JsonNode json = JSON.readTree(payload);
                JsonNode content = json.path("choices").path(0).path("delta").path("content");
                if (content.isTextual() && !content.asText().isEmpty()) {
                    if (contentEvents == 0) {
                        firstMillis = (nanos - startNanos) / 1e6;
                    }
                    contentEvents++;
                    text.append(content.asText());
                }
                if (json.path("usage").isObject()) {
                    completionTokens =
                            json.path("usage").path("completion_tokens").asInt();
                }
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    private record Answer(
            int status, String text, int contentEvents, int events, int completionTokens, double firstMillis) {
        boolean isLike(Answer expected, int tokens) {
            return status == 200 && text.equals(expected.text) && contentEvents == tokens && completionTokens == tokens;
        }
    }
}
