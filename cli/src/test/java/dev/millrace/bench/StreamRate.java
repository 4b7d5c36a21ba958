package dev.millrace.bench;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/// Tokens per second that arrive at the client when a number of streams decode at once, over HTTP.
///
/// Arguments: port, streams, tokens per stream. Prints `http STREAMS RATE`.
public final class StreamRate {
    private static final int WARM = 10;

    private StreamRate() {}

    /// Runs it.
    public static void main(String[] args) throws Exception {
        InetSocketAddress server = new InetSocketAddress(InetAddress.getLoopbackAddress(), Integer.parseInt(args[0]));
        int streams = Integer.parseInt(args[1]);
        int tokens = Integer.parseInt(args[2]);
        List<long[]> arrivals = new ArrayList<>();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<long[]>> running = new ArrayList<>();
            for (int i = 0; i < streams; i++) {
                String prompt = "stream number " + i + " of " + streams;
                running.add(threads.submit(() -> arrivals(server, prompt, tokens)));
            }
            for (Future<long[]> future : running) {
                arrivals.add(future.get());
            }
        }
        long from = arrivals.stream().mapToLong(a -> a[WARM]).max().orElseThrow();
        long to = arrivals.stream().mapToLong(a -> a[a.length - 1]).min().orElseThrow();
        long count = 0;
        for (long[] stream : arrivals) {
            for (long nanos : stream) {
                count += nanos > from && nanos <= to ? 1 : 0;
            }
        }
        System.out.printf(Locale.ROOT, "http %d %.2f%n", streams, count / ((to - from) / 1e9));
    }

    private static long[] arrivals(InetSocketAddress server, String prompt, int tokens) throws Exception {
        String body = "{\"model\":\"random-134m-q8_0\",\"stream\":true,\"max_tokens\":" + tokens
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
        return nanos.stream().mapToLong(Long::longValue).toArray();
    }
}
