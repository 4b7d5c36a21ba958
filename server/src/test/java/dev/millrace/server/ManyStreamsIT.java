package dev.millrace.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.core.ByteSize;
import dev.millrace.engine.FinishReason;
import dev.millrace.protocol.sse.SseParser;
import dev.millrace.server.config.LimitsConfig;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;

/// A thousand streams at once, each with its own words: none lost, doubled, swapped or out of order.
class ManyStreamsIT {
    private static final int STREAMS = 1_000;
    private static final int TOKENS = 50;
    private static final LimitsConfig LIMITS =
            new LimitsConfig(STREAMS, 0, Duration.ofSeconds(30), ByteSize.mebibytes(1));

    @Test
    void everyStreamGetsItsOwnTokensInOrder() throws Exception {
        var engine = new FakeEngine("fake");
        try (var server = TestServer.with(LIMITS, TestServer.TIMEOUTS, engine);
                var readers = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Callable<List<String>>> clients = new ArrayList<>();
            for (int i = 0; i < STREAMS; i++) {
                String id = "stream-" + i;
                clients.add(() -> read(server.port(), id));
            }
            var producer = readers.submit(() -> produce(engine));

            var answers = readers.invokeAll(clients);

            producer.get();
            for (int i = 0; i < STREAMS; i++) {
                assertThat(answers.get(i).get()).isEqualTo(expected("stream-" + i));
            }
        }
    }

    /// Steps like a batching engine: one token for every stream, then the next.
    private static boolean produce(FakeEngine engine) throws InterruptedException {
        List<FakeEngine.Call> calls = new ArrayList<>();
        for (int i = 0; i < STREAMS; i++) {
            calls.add(engine.next().queued());
        }
        for (int token = 0; token < TOKENS; token++) {
            for (FakeEngine.Call call : calls) {
                call.token(call.id() + "/" + token);
            }
        }
        calls.forEach(call -> call.finished(FinishReason.STOP));
        return true;
    }

    private static List<String> read(int port, String id) throws Exception {
        String body = TestServer.chat("fake", "\"stream\":true", "\"stream_options\":{\"include_usage\":true}");
        try (var client = new RawClient(port)) {
            client.socket().setSoTimeout(60_000);
            client.send("POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                    + "X-Request-Id: " + id + "\r\nConnection: close\r\nContent-Length: " + body.length() + "\r\n\r\n"
                    + body);
            List<String> contents = new ArrayList<>();
            var parser = new SseParser(event -> contents.add(content(event.data())));
            String chunks = client.readToEnd().split("\r\n\r\n", 2)[1];
            byte[] events = chunks.replaceAll("(?m)^[0-9a-f]+\r\n|\r\n", "").getBytes(StandardCharsets.UTF_8);
            parser.accept(events, 0, events.length);
            parser.finish();
            return contents;
        }
    }

    private static String content(String data) {
        int start = data.indexOf("\"delta\":{\"content\":\"");
        if (start >= 0) {
            return data.substring(start + 20, data.indexOf('"', start + 20));
        }
        int usage = data.indexOf("\"completion_tokens\":");
        return usage >= 0
                ? data.substring(usage, data.indexOf(',', usage))
                : data.contains("\"finish_reason\":\"stop\"") ? "stop" : data.contains("\"role\"") ? "role" : data;
    }

    private static List<String> expected(String id) {
        List<String> expected = new ArrayList<>(List.of("role"));
        for (int token = 0; token < TOKENS; token++) {
            expected.add(id + "/" + token);
        }
        expected.addAll(List.of("stop", "\"completion_tokens\":" + TOKENS, "[DONE]"));
        return expected;
    }
}
