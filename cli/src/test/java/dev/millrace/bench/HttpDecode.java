package dev.millrace.bench;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.millrace.testing.bench.InterleavedBackend;
import dev.millrace.testing.bench.InterleavedBackend.Pair;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/// Tokens per second that arrive at a client over HTTP, as a share of what bare forward passes make at the same time
/// on the same machine. The server is a [DecodeServer] in a process of its own, the client is this one.
///
/// Arguments: GGUF file, threads, rounds. Exits with 1 if the limit of 0.85 is missed.
public final class HttpDecode {
    private static final double LIMIT = 0.85;
    private static final int PORT = 18_431;
    private static final int TOKENS = 320;

    private HttpDecode() {}

    public static void main(String[] args) throws Exception {
        int rounds = Integer.parseInt(args[2]);
        boolean met = true;
        for (int streams : new int[] {1, 4, 16}) {
            List<Block> all = new ArrayList<>();
            for (int round = 1; round <= rounds; round++) {
                List<Block> blocks = round(args[0], args[1], streams);
                print("round " + round, streams, blocks);
                all.addAll(blocks);
            }
            met &= print("all    ", streams, all) >= LIMIT;
        }
        System.out.println(met ? "limit met" : "LIMIT MISSED");
        System.exit(met ? 0 : 1);
    }

    /// A pair of blocks, the tokens that arrived during the engine's one, and what the server's event loops had done.
    private record Block(Pair pair, int arrived, ThreadTimes loops) {}

    private static double print(String what, int streams, List<Block> blocks) {
        long arrived = blocks.stream().mapToLong(Block::arrived).sum();
        double rate = arrived
                / (blocks.stream().mapToLong(block -> block.pair.engineNanos()).sum() / 1e9);
        double bare = (double) InterleavedBackend.BLOCK
                * streams
                * blocks.size()
                / (blocks.stream().mapToLong(block -> block.pair.bareNanos()).sum() / 1e9);
        System.out.printf(
                Locale.ROOT,
                "%s: streams %2d  blocks %3d  bare %7.2f tok/s  over HTTP %7.2f tok/s  ratio %.3f%n",
                what,
                streams,
                blocks.size(),
                bare,
                rate,
                rate / bare);
        return rate / bare;
    }

    private static List<Block> round(String model, String threads, int streams) throws Exception {
        Process server = new ProcessBuilder(
                        System.getProperty("java.home") + "/bin/java",
                        "--enable-native-access=ALL-UNNAMED",
                        "-XX:+UseSerialGC",
                        "-Xmx1g",
                        "-cp",
                        System.getProperty("java.class.path"),
                        "dev.millrace.bench.DecodeServer",
                        String.valueOf(PORT),
                        model,
                        threads,
                        String.valueOf(streams))
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        try (BufferedReader lines = server.inputReader(UTF_8)) {
            InetSocketAddress address = new InetSocketAddress(InetAddress.getLoopbackAddress(), PORT);
            awaitReady(address, server);
            stream(address, streams); // compiles the token path, as any server has long done
            long from = System.nanoTime();
            ThreadTimes before = ThreadTimes.now("");
            long[] arrivals = stream(address, streams);
            ThreadTimes client = ThreadTimes.now("").minus(before);
            server.toHandle().destroy();
            List<Block> blocks = lines.lines()
                    .filter(line -> line.startsWith("pair "))
                    .map(line -> block(line, arrivals))
                    .filter(block -> block.pair.fromNanos() > from)
                    .toList();
            ThreadTimes loops = blocks.getLast().loops.minus(blocks.getFirst().loops);
            System.out.println("  a token costs the event loops "
                    + loops.perToken((blocks.size() - 1L) * arrivals.length / blocks.size()) + ", the client "
                    + client.perToken(arrivals.length));
            return blocks;
        } finally {
            server.destroy();
            server.waitFor();
        }
    }

    private static Block block(String line, long[] arrivals) {
        long[] fields = Arrays.stream(line.split(" ", -1))
                .skip(1)
                .mapToLong(Long::parseLong)
                .toArray();
        Pair pair = new Pair(fields[0], fields[1], fields[2]);
        long arrived = Arrays.stream(arrivals)
                .filter(nanos -> nanos > pair.fromNanos() && nanos <= pair.toNanos())
                .count();
        return new Block(pair, (int) arrived, new ThreadTimes(fields[3], fields[4]));
    }

    private static void awaitReady(InetSocketAddress address, Process server) throws Exception {
        for (int i = 0; i < 300 && !server.waitFor(100, TimeUnit.MILLISECONDS); i++) {
            try (Socket socket = new Socket(address.getAddress(), address.getPort())) {
                socket.getOutputStream().write("GET /health/ready HTTP/1.0\r\nhost: localhost\r\n\r\n".getBytes(UTF_8));
                if (new String(socket.getInputStream().readAllBytes(), UTF_8).startsWith("HTTP/1.0 200")) {
                    return;
                }
            } catch (IOException notYet) {
                // It does not listen yet.
            }
        }
        throw new IllegalStateException("the server is not ready");
    }

    /// Arrival of every token of every stream, by the clock that the server uses, too.
    private static long[] stream(InetSocketAddress server, int streams) throws Exception {
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<List<Long>>> running = new ArrayList<>();
            for (int i = 0; i < streams; i++) {
                String prompt = "stream number " + i + " of " + streams;
                running.add(threads.submit(() -> arrivals(server, prompt)));
            }
            List<Long> all = new ArrayList<>();
            for (Future<List<Long>> one : running) {
                all.addAll(one.get());
            }
            return all.stream().mapToLong(Long::longValue).toArray();
        }
    }

    private static List<Long> arrivals(InetSocketAddress server, String prompt) throws IOException {
        String body = "{\"model\":\"bench\",\"stream\":true,\"max_tokens\":" + TOKENS
                + ",\"ignore_eos\":true,\"temperature\":0,\"messages\":[{\"role\":\"user\",\"content\":\"" + prompt
                + "\"}]}";
        List<Long> nanos = new ArrayList<>();
        try (SseCall call = SseCall.post(server, "/v1/chat/completions", body)) {
            int status = call.awaitHead();
            if (status != 200) {
                throw new IllegalStateException("status " + status);
            }
            call.readEvents((payload, at) -> {
                if (payload.contains("\"content\":\"") && !payload.contains("\"content\":\"\"")) {
                    nanos.add(at);
                }
            });
        }
        return nanos;
    }
}
