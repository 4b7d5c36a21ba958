package dev.millrace.server;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/// A real redis-server on a free port, that stores nothing on the disk and can be stopped, killed and started
/// again.
final class RedisProcess implements AutoCloseable {
    private static final List<String> PLACES =
            List.of("/usr/bin", "/usr/local/bin", "/opt/homebrew/bin", "/opt/homebrew/opt/redis/bin");
    private static final List<String> NAMES = List.of("redis-server", "valkey-server");

    private final int port;
    private Process process;

    private RedisProcess() throws IOException {
        try (var probe = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = probe.getLocalPort();
        }
        process = launch();
    }

    static RedisProcess start() throws IOException {
        return new RedisProcess();
    }

    private Process launch() throws IOException {
        return new ProcessBuilder(
                        program(),
                        "--port",
                        Integer.toString(port),
                        "--bind",
                        "127.0.0.1",
                        "--save",
                        "",
                        "--appendonly",
                        "no")
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
    }

    private static String program() {
        return PLACES.stream()
                .flatMap(place -> NAMES.stream().map(name -> Path.of(place, name)))
                .filter(Files::isExecutable)
                .findFirst()
                .map(Path::toString)
                .orElseThrow(() -> new AssertionError(
                        "these tests need redis-server or valkey-server (Debian: apt-get install redis-server); looked in "
                                + PLACES));
    }

    URI address() {
        return URI.create("redis://127.0.0.1:" + port);
    }

    /// The process stands still, as in a long pause; its connections stay open.
    void pause() throws Exception {
        signal("-STOP");
    }

    void resume() throws Exception {
        signal("-CONT");
    }

    private void signal(String signal) throws Exception {
        new ProcessBuilder("kill", signal, Long.toString(process.pid())).start().waitFor();
    }

    void kill() throws Exception {
        process.destroyForcibly().waitFor();
    }

    void restart() throws IOException {
        process = launch();
    }

    /// Sends one command and gives the first bytes of the reply.
    String command(String... words) throws IOException {
        var text = new StringBuilder("*" + words.length + "\r\n");
        Stream.of(words)
                .forEach(word -> text.append('$')
                        .append(word.length())
                        .append("\r\n")
                        .append(word)
                        .append("\r\n"));
        try (var socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            socket.getOutputStream().write(text.toString().getBytes(StandardCharsets.ISO_8859_1));
            byte[] reply = new byte[64 << 10];
            int length = socket.getInputStream().read(reply);
            return new String(reply, 0, Math.max(0, length), StandardCharsets.ISO_8859_1);
        }
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
