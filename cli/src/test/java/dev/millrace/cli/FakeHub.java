package dev.millrace.cli;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/// A hub on loopback with one model, `org/repo`, that it serves in ranges as the real one does, and states its digest.
public final class FakeHub implements AutoCloseable {
    private final HttpServer http;
    private final byte[] model;
    private final List<String> tokens = new CopyOnWriteArrayList<>();
    private final AtomicLong sent = new AtomicLong();
    private volatile boolean corrupt;
    private volatile @Nullable CountDownLatch gate;

    private FakeHub(byte[] model) throws IOException {
        this.model = model;
        http = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        http.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        http.createContext("/", this::answer);
        http.start();
    }

    public static FakeHub with(Path model) throws IOException {
        return new FakeHub(Files.readAllBytes(model));
    }

    public String base() {
        return "http://127.0.0.1:" + http.getAddress().getPort();
    }

    /// The `Authorization` of each request; `null` as text if there was none.
    public List<String> tokens() {
        return tokens;
    }

    /// Bytes of the model that were sent.
    public long sent() {
        return sent.get();
    }

    public int size() {
        return model.length;
    }

    /// One byte in each range is another than the digest says.
    public void corrupt() {
        corrupt = true;
    }

    /// Ranges are sent up to their middle, and wait there.
    public void hold() {
        gate = new CountDownLatch(1);
    }

    public void release() {
        CountDownLatch held = gate;
        gate = null;
        if (held != null) {
            held.countDown();
        }
    }

    public String digest() {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(model));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    private void answer(HttpExchange exchange) throws IOException {
        tokens.add(String.valueOf(exchange.getRequestHeaders().getFirst("Authorization")));
        String path = exchange.getRequestURI().getPath();
        if (path.equals("/api/models/org/repo/tree/main")) {
            String list = "[{\"type\":\"file\",\"path\":\"demo-Q8_0.gguf\",\"size\":" + model.length
                    + ",\"lfs\":{\"oid\":\"" + digest() + "\",\"size\":" + model.length + "}}]";
            send(exchange, 200, list.getBytes(StandardCharsets.UTF_8), false);
        } else if (path.equals("/org/repo/resolve/main/demo-Q8_0.gguf")) {
            String range = exchange.getRequestHeaders().getFirst("Range");
            int dash = range.indexOf('-');
            int from = Integer.parseInt(range.substring("bytes=".length(), dash));
            int last = Integer.parseInt(range.substring(dash + 1));
            exchange.getResponseHeaders().set("ETag", "\"one\"");
            exchange.getResponseHeaders().set("Content-Range", "bytes " + from + "-" + last + "/" + model.length);
            byte[] part = Arrays.copyOfRange(model, from, last + 1);
            if (corrupt) {
                part[part.length / 2] ^= 1;
            }
            send(exchange, 206, part, true);
        } else {
            send(exchange, 404, new byte[0], false);
        }
    }

    private void send(HttpExchange exchange, int status, byte[] body, boolean counts) throws IOException {
        exchange.sendResponseHeaders(status, body.length == 0 ? -1 : body.length);
        int half = counts ? body.length / 2 : body.length;
        try {
            exchange.getResponseBody().write(body, 0, half);
            exchange.getResponseBody().flush();
            CountDownLatch held = gate;
            if (counts && held != null) {
                boolean _ = held.await(30, TimeUnit.SECONDS);
            }
            exchange.getResponseBody().write(body, half, body.length - half);
            sent.addAndGet(counts ? body.length : 0);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            exchange.close();
        }
    }

    @Override
    public void close() {
        release();
        http.stop(0);
    }
}
