package dev.millrace.models.download;

import dev.millrace.core.time.NanoClock;
import java.io.BufferedReader;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/// An HTTP server on loopback that misbehaves on order. It keeps of the real thing: sockets, framing, ranges,
/// `If-Range`.
final class FaultyServer implements Closeable {
    /// A request as it came.
    record Request(String path, Map<String, String> fields) {
        String field(String name) {
            return fields.getOrDefault(name, "");
        }

        /// First and last byte asked for; `null` if no range was.
        long @org.jspecify.annotations.Nullable [] range() {
            String text = field("range");
            if (!text.startsWith("bytes=")) {
                return null;
            }
            int dash = text.indexOf('-');
            return new long[] {Long.parseLong(text.substring(6, dash)), Long.parseLong(text.substring(dash + 1))};
        }
    }

    /// Answers one request.
    @FunctionalInterface
    interface Page {
        void answer(Request request, Wire wire) throws IOException, InterruptedException;
    }

    /// Where an answer is written; counts.
    final class Wire {
        private final OutputStream out;

        private Wire(OutputStream out) {
            this.out = out;
        }

        void head(int status, String... fields) throws IOException {
            StringBuilder head = new StringBuilder("HTTP/1.1 " + status + " Whatever\r\n");
            for (String field : fields) {
                head.append(field).append("\r\n");
            }
            raw(head + "\r\n");
        }

        void raw(String text) throws IOException {
            out.write(text.getBytes(StandardCharsets.ISO_8859_1));
            out.flush();
        }

        void body(byte[] bytes, int from, int count) throws IOException {
            out.write(bytes, from, count);
            out.flush();
            synchronized (FaultyServer.this) {
                bodyBytes += count;
                FaultyServer.this.notifyAll();
            }
        }

        void body(byte[] bytes) throws IOException {
            body(bytes, 0, bytes.length);
        }

        /// Waits; less if the server is closed.
        void idle(long millis) throws InterruptedException, IOException {
            if (closed.await(millis, TimeUnit.MILLISECONDS)) {
                throw new IOException("closed");
            }
        }
    }

    private static final int SMALL_BUFFER = 64 * 1024;

    private final ServerSocket server;
    private final CountDownLatch closed = new CountDownLatch(1);
    private final Map<String, Page> pages = new ConcurrentHashMap<>();
    private final List<Request> requests = new CopyOnWriteArrayList<>();
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();
    private long bodyBytes;

    FaultyServer() throws IOException {
        server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        Thread.ofVirtual().start(this::accept);
    }

    FaultyServer(ServerSocket server) {
        this.server = server;
        Thread.ofVirtual().start(this::accept);
    }

    int port() {
        return server.getLocalPort();
    }

    URI base() {
        return URI.create("http://127.0.0.1:" + port());
    }

    FaultyServer page(String path, Page page) {
        pages.put(path, page);
        return this;
    }

    List<Request> requests() {
        return requests;
    }

    synchronized long bodyBytes() {
        return bodyBytes;
    }

    /// Returns when so many bytes of bodies were written in all, or false after `seconds`.
    synchronized boolean awaitBodyBytes(long count, long seconds) throws InterruptedException {
        long deadline = NanoClock.SYSTEM.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
        while (bodyBytes < count && NanoClock.SYSTEM.nanoTime() < deadline) {
            wait(50);
        }
        return bodyBytes >= count;
    }

    private void accept() {
        while (closed.getCount() > 0) {
            try {
                Socket socket = server.accept();
                open.add(socket);
                Thread.ofVirtual().start(() -> serve(socket));
            } catch (IOException e) {
                return;
            }
        }
    }

    private void serve(Socket socket) {
        try (socket) {
            socket.setSendBufferSize(SMALL_BUFFER);
            BufferedReader in =
                    new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.ISO_8859_1));
            String first = in.readLine();
            if (first == null) {
                return;
            }
            Map<String, String> fields = new TreeMap<>();
            for (String line = in.readLine(); line != null && !line.isEmpty(); line = in.readLine()) {
                int colon = line.indexOf(':');
                fields.put(
                        line.substring(0, colon).toLowerCase(Locale.ROOT),
                        line.substring(colon + 1).strip());
            }
            Request request = new Request(first.substring(first.indexOf(" ") + 1, first.lastIndexOf(" ")), fields);
            requests.add(request);
            Wire wire = new Wire(socket.getOutputStream());
            Page page = pages.get(request.path());
            if (page == null) {
                wire.head(404, "Content-Length: 0");
            } else {
                page.answer(request, wire);
            }
            socket.shutdownOutput();
        } catch (IOException e) {
            // The client went away, or we did.
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            open.remove(socket);
        }
    }

    @Override
    public void close() throws IOException {
        closed.countDown();
        server.close();
        for (Socket socket : open) {
            socket.close();
        }
    }
}
