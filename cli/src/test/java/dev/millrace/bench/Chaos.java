package dev.millrace.bench;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/// Kills the worker of a running server at random tokens of live streams, with `kill -9`, and looks at what
/// the streams' clients see: each must end, whole or with an error that says so, and hold nothing but the
/// beginning of the answer that it gets undisturbed. Then a stop (SIGSTOP) of one worker while another
/// model keeps answering.
///
/// Arguments: port, process id of the server, rounds, model, second model, seed. Exits with 1 if anything is wrong.
public final class Chaos {
    private static final int STREAMS = 8;
    private static final int MAX_TOKENS = 120;
    private static final int MAX_TRIES = 2_000;
    private static final double READY_LIMIT_MS = 2_000;

    private final InetSocketAddress server;
    private final long serverProcess;
    private final String model;
    private final String second;
    private final SplittableRandom random;
    private final List<Double> backMillis = new ArrayList<>();
    private int whole;
    private int broken;
    private int refused;
    private int wrong;

    private Chaos(int port, long serverProcess, String model, String second, long seed) {
        this.server = new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
        this.serverProcess = serverProcess;
        this.model = model;
        this.second = second;
        this.random = new SplittableRandom(seed);
    }

    public static void main(String[] args) throws Exception {
        Chaos chaos = new Chaos(
                Integer.parseInt(args[0]), Long.parseLong(args[1]), args[3], args[4], Long.parseLong(args[5]));
        boolean held = chaos.kills(Integer.parseInt(args[2]));
        held &= chaos.stop();
        System.out.println(held ? "held" : "NOT HELD");
        System.exit(held ? 0 : 1);
    }

    private boolean kills(int rounds) throws Exception {
        List<String> alone = new ArrayList<>();
        for (int i = 0; i < STREAMS; i++) {
            alone.add(ask(model, i, new AtomicInteger()).text());
        }
        double loadMillis = coldLoadMillis();
        int files = openFiles();
        for (int round = 1; round <= rounds; round++) {
            round(alone);
            if (round % 20 == 0) {
                System.out.printf(
                        Locale.ROOT,
                        "after %d kills: streams whole %d, broken off %d, refused %d, wrong %d%n",
                        round,
                        whole,
                        broken,
                        refused,
                        wrong);
            }
        }
        double[] back =
                backMillis.stream().mapToDouble(Double::doubleValue).sorted().toArray();
        int left = openFiles() - files;
        System.out.printf(
                Locale.ROOT,
                "kills %d: next answer's first token after p50 %.0f p95 %.0f max %.0f ms (a load takes %.0f ms); wrong %d; "
                        + "workers now %d; file handles of the server %+d%n",
                rounds,
                back[back.length / 2],
                back[(int) (back.length * 0.95)],
                back[back.length - 1],
                loadMillis,
                wrong,
                workers().size(),
                left);
        return wrong == 0
                && back[back.length - 1] <= READY_LIMIT_MS + loadMillis
                && workers().size() == 1
                && Math.abs(left) <= 8;
    }

    /// The first answer after a kill that nothing ran beside: what starting and loading take here.
    private double coldLoadMillis() throws Exception {
        double[] millis = new double[5];
        for (int i = 0; i < millis.length; i++) {
            signal("KILL", workers().getFirst().pid());
            millis[i] = firstTokenMillis();
        }
        Arrays.sort(millis);
        return millis[millis.length / 2];
    }

    private void round(List<String> alone) throws Exception {
        AtomicInteger tokens = new AtomicInteger();
        int at = random.nextInt(1, STREAMS * MAX_TOKENS / 2);
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<ChatAnswer>> streams = new ArrayList<>();
            for (int i = 0; i < STREAMS; i++) {
                int number = i;
                streams.add(threads.submit(() -> ask(model, number, tokens)));
            }
            while (tokens.get() < at && streams.stream().anyMatch(stream -> !stream.isDone())) {
                LockSupport.parkNanos(100_000);
            }
            signal("KILL", workers().getFirst().pid());
            Future<Double> back = threads.submit(this::firstTokenMillis);
            for (int i = 0; i < STREAMS; i++) {
                judge(streams.get(i).get(30, TimeUnit.SECONDS), alone.get(i));
            }
            backMillis.add(back.get(60, TimeUnit.SECONDS));
        }
    }

    private void judge(ChatAnswer ending, String expected) {
        boolean beginning = expected.startsWith(ending.text());
        if (ending.done() && !ending.error() && ending.text().equals(expected)) {
            whole++;
        } else if (ending.error() && !ending.done() && beginning && ending.status() == 200) {
            broken++;
        } else if (ending.status() == 503 && ending.text().isEmpty()) {
            refused++;
        } else {
            wrong++;
            System.out.println("WRONG: " + ending + " (expected a beginning of: " + expected + ")");
        }
    }

    /// From now to the first token of somebody who asks until there is one.
    private double firstTokenMillis() throws IOException {
        long from = System.nanoTime();
        ChatAnswer ending = ask(model, 0, new AtomicInteger());
        for (int i = 0; i < MAX_TRIES && ending.firstNanos() == 0; i++) {
            LockSupport.parkNanos(5_000_000);
            ending = ask(model, 0, new AtomicInteger());
        }
        if (ending.firstNanos() == 0) {
            throw new IllegalStateException("no answer any more: " + ending);
        }
        return (ending.firstNanos() - from) / 1e6;
    }

    private ChatAnswer ask(String asked, int number, AtomicInteger tokens) throws IOException {
        String question = "Question number " + number + ": what is Millrace?";
        return ChatAnswer.ask(server, ChatAnswer.greedy(asked, question, MAX_TOKENS), tokens::incrementAndGet);
    }

    /// A worker that is stopped is found out, and nobody else notices.
    private boolean stop() throws Exception {
        List<Long> before = workers().stream().map(ProcessHandle::pid).toList();
        ask(second, 0, new AtomicInteger());
        long other = before.getFirst();
        AtomicInteger tokens = new AtomicInteger();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<ChatAnswer> stream = threads.submit(() -> ask(model, 1, tokens));
            while (tokens.get() < 3 && !stream.isDone()) {
                LockSupport.parkNanos(100_000);
            }
            long stoppedNanos = System.nanoTime();
            signal("STOP", other);
            int answered = 0;
            double worst = 0;
            while (!stream.isDone()) {
                long from = System.nanoTime();
                answered += ask(second, 2, new AtomicInteger()).done() ? 1 : 0;
                worst = Math.max(worst, (System.nanoTime() - from) / 1e6);
            }
            double millis = (System.nanoTime() - stoppedNanos) / 1e6;
            ChatAnswer ending = stream.get();
            System.out.printf(
                    Locale.ROOT,
                    "stop: the stream ended after %.1f s (error: %b); the other model gave %d whole answers meanwhile, "
                            + "the slowest in %.0f ms%n",
                    millis / 1e3,
                    ending.error(),
                    answered,
                    worst);
            return millis <= 5_000 + worst && ending.error() && !ending.done() && answered > 0;
        }
    }

    private List<ProcessHandle> workers() {
        return ProcessHandle.of(serverProcess).orElseThrow().children().toList();
    }

    private int openFiles() throws IOException {
        try (var files = java.nio.file.Files.list(java.nio.file.Path.of("/proc/" + serverProcess + "/fd"))) {
            return (int) files.count();
        }
    }

    private static void signal(String name, long process) throws IOException, InterruptedException {
        new ProcessBuilder("kill", "-" + name, Long.toString(process)).start().waitFor();
    }
}
