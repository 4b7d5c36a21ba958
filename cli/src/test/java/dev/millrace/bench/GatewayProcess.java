package dev.millrace.bench;

import dev.millrace.core.time.NanoClock;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// A gateway in a process of its own, with its log in a file.
final class GatewayProcess implements AutoCloseable {
    private static final long START_SECONDS = 300;

    private final Process process;
    private final Path log;
    private final int port;
    private final HttpClient client = HttpClient.newHttpClient();

    private GatewayProcess(Process process, Path log, int port) {
        this.process = process;
        this.log = log;
        this.port = port;
    }

    /// Starts one on a free port and waits until it is ready.
    ///
    /// @param root the project's folder
    static GatewayProcess start(Path root, Path log, List<String> upstreams, String... settings) throws Exception {
        int port;
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = free.getLocalPort();
        }
        List<String> command = new ArrayList<>(List.of(
                root.resolve("millrace").toString(), "serve", "--model", "none", "--port", Integer.toString(port)));
        for (int i = 0; i < upstreams.size(); i++) {
            command.add("--set");
            command.add("upstreams.u" + i + ".url=" + upstreams.get(i));
            command.add("--set");
            command.add("upstreams.u" + i + ".kind=vllm"); // answers with the name it was asked for, and no other
        }
        for (String setting : settings) {
            command.add("--set");
            command.add(setting);
        }
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        GatewayProcess gateway = new GatewayProcess(process, log, port);
        gateway.awaitReady();
        return gateway;
    }

    private void awaitReady() throws Exception {
        long startNanos = NanoClock.SYSTEM.nanoTime();
        while (!isReady()) {
            boolean late = NanoClock.SYSTEM.nanoTime() - startNanos > TimeUnit.SECONDS.toNanos(START_SECONDS);
            if (late || process.waitFor(20, TimeUnit.MILLISECONDS)) {
                close();
                throw new IOException("the gateway did not start: " + Files.readString(log));
            }
        }
    }

    private boolean isReady() throws InterruptedException {
        try {
            return get("/health/ready").statusCode() == 200;
        } catch (IOException _) {
            return false;
        }
    }

    private HttpResponse<String> get(String path) throws IOException, InterruptedException {
        return client.send(HttpRequest.newBuilder(uri(path)).build(), HttpResponse.BodyHandlers.ofString());
    }

    URI uri(String path) {
        return URI.create("http://127.0.0.1:" + port + path);
    }

    /// The sum of all series of a metric whose labels hold `label` and not `without`.
    long sum(String metric, String label, String without) throws Exception {
        Matcher line = Pattern.compile("(?m)^" + metric + "\\{([^}]*)} ([0-9.E+]+)$")
                .matcher(get("/metrics").body());
        double sum = 0;
        while (line.find()) {
            String labels = line.group(1);
            if (labels.contains(label) && (without.isEmpty() || !labels.contains(without))) {
                sum += Double.parseDouble(line.group(2));
            }
        }
        return Math.round(sum);
    }

    /// How many lines of the log hold a text.
    long logged(String text) throws IOException {
        try (var lines = Files.lines(log)) {
            return lines.filter(line -> line.contains(text)).count();
        }
    }

    @Override
    public void close() {
        client.close();
        process.destroy();
        try {
            if (!process.waitFor(10, TimeUnit.SECONDS)) {
                process.destroyForcibly().waitFor();
            }
        } catch (InterruptedException _) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }
}
