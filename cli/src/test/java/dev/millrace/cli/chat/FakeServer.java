package dev.millrace.cli.chat;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/// A server of the OpenAI dialect with scripted answers. Keeps the real one's order of events, and like it notices
/// a client that closed its connection when it writes.
final class FakeServer implements AutoCloseable {
    private static final String ENDLESS = "endless";

    final List<String> questions = new CopyOnWriteArrayList<>();
    final CountDownLatch clientLeft = new CountDownLatch(1);
    private final BlockingQueue<String> script = new ArrayBlockingQueue<>(16);
    private final HttpServer http;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private volatile int status = 200;

    FakeServer() throws IOException {
        http = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        http.setExecutor(threads);
        http.createContext("/health/ready", e -> answer(e, 200, "{\"status\":\"ok\"}"));
        http.createContext("/v1/models", e -> answer(e, 200, "{\"data\":[{\"id\":\"one\"},{\"id\":\"two\"}]}"));
        http.createContext("/v1/chat/completions", this::chat);
        http.start();
    }

    URI address() {
        return URI.create("http://127.0.0.1:" + http.getAddress().getPort());
    }

    /// The next answer, as events without `data:`.
    FakeServer answers(String... events) {
        script.add("data: " + String.join("\n\ndata: ", events) + "\n\n");
        return this;
    }

    /// The next answer is text in these pieces, with usage.
    FakeServer says(String... pieces) {
        StringBuilder body = new StringBuilder();
        for (String piece : pieces) {
            body.append("data: ").append(delta(piece)).append("\n\n");
        }
        body.append("data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n");
        body.append("data: {\"choices\":[],\"usage\":{\"prompt_tokens\":3,\"completion_tokens\":")
                .append(pieces.length)
                .append("}}\n\ndata: [DONE]\n\n");
        script.add(body.toString());
        return this;
    }

    /// The next answer never ends by itself.
    FakeServer saysForever() {
        script.add(ENDLESS);
        return this;
    }

    /// All answers from now on are errors.
    FakeServer refuses(int code, String body) {
        status = code;
        script.add(body);
        return this;
    }

    static String delta(String text) {
        return "{\"choices\":[{\"delta\":{\"content\":\"" + text + "\"},\"finish_reason\":null}]}";
    }

    private void chat(HttpExchange exchange) throws IOException {
        questions.add(new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8));
        String body = script.remove();
        if (!body.equals(ENDLESS)) {
            answer(exchange, status, body);
            return;
        }
        exchange.sendResponseHeaders(200, 0);
        try (OutputStream out = exchange.getResponseBody()) {
            byte[] event = ("data: " + delta("again ") + "\n\n").getBytes(StandardCharsets.UTF_8);
            while (true) {
                out.write(event);
                out.flush();
                Thread.onSpinWait();
            }
        } catch (IOException e) {
            clientLeft.countDown();
        }
    }

    private static void answer(HttpExchange exchange, int status, String body) {
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        try (OutputStream out = exchange.getResponseBody()) {
            exchange.sendResponseHeaders(status, bytes.length);
            out.write(bytes);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        http.stop(0);
        threads.shutdownNow();
    }
}
