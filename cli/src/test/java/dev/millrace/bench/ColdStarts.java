package dev.millrace.bench;

import dev.millrace.bench.ModelHistory.Moment;
import dev.millrace.cli.client.ServerClient;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/// What somebody waits who asks a model that is not in memory: from the question to the first token, and where that
/// time goes by what `/models/sse` tells meanwhile.
///
/// Arguments: port, starts, model. Exits with 1 if the median is above its limit or an answer is wrong.
public final class ColdStarts {
    private static final double LIMIT_MILLIS = 1_200;
    private static final int TOKENS = 8;

    private final InetSocketAddress server;
    private final String model;
    private final ServerClient client;
    private final ModelHistory history;
    private final Map<Part, List<Double>> parts = new EnumMap<>(Part.class);
    private final List<Double> whole = new ArrayList<>();

    private ColdStarts(int port, String model) throws Exception {
        this.server = new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
        this.model = model;
        this.client = new ServerClient(URI.create("http://127.0.0.1:" + port));
        this.history = ModelHistory.follow(client);
        for (Part part : Part.values()) {
            parts.put(part, new ArrayList<>());
        }
    }

    /// Where the time goes, in this order.
    private enum Part {
        ASKED("asked", "the question on its way, until the server says that the model is wanted"),
        QUEUED("queued", "the model waits for its turn"),
        EVICTING("evicting", "others leave"),
        STARTING("starting", "the worker process and its libraries, until it reads the weights"),
        LOADING("loading", "the weights are read"),
        WARMING("warming", "the first passes, finding out how many threads are best"),
        LOADED("first token", "the prompt, the first token and its way back");

        private final String label;
        private final String what;

        Part(String label, String what) {
            this.label = label;
            this.what = what;
        }

        private static Part of(String state) {
            return valueOf(state.toUpperCase(Locale.ROOT));
        }
    }

    public static void main(String[] args) throws Exception {
        ColdStarts starts = new ColdStarts(Integer.parseInt(args[0]), args[2]);
        boolean held = starts.run(Integer.parseInt(args[1]));
        System.out.println(held ? "held" : "NOT HELD");
        System.exit(held ? 0 : 1);
    }

    private boolean run(int starts) throws Exception {
        client.load(model, null, false);
        history.await(model, "loaded");
        String expected = ask().text();
        int wrong = 0;
        for (int i = 0; i <= starts; i++) {
            client.unload(model);
            history.await(model, "unloaded");
            history.take();
            ChatAnswer answer = ask();
            if (!answer.isWhole(model, expected)) {
                wrong++;
                System.out.println("WRONG: " + answer + " (expected: " + expected + ")");
            } else if (i > 0) { // the first one is the warm-up
                add(answer);
            }
        }
        return report(wrong);
    }

    private ChatAnswer ask() throws Exception {
        return ChatAnswer.ask(server, ChatAnswer.greedy(model, "What is Millrace?", TOKENS));
    }

    private void add(ChatAnswer answer) {
        Map<Part, Double> millis = new EnumMap<>(Part.class);
        long since = answer.askedNanos();
        Part part = Part.ASKED;
        for (Moment moment : history.take()) {
            if (moment.model().equals(model)) {
                millis.merge(part, (moment.nanos() - since) / 1e6, Double::sum);
                since = moment.nanos();
                part = Part.of(moment.state());
            }
        }
        millis.merge(part, (answer.firstNanos() - since) / 1e6, Double::sum);
        parts.forEach((each, values) -> values.add(millis.getOrDefault(each, 0.0)));
        whole.add(answer.firstMillis());
    }

    private boolean report(int wrong) {
        Figures all = Figures.of(whole);
        System.out.printf(Locale.ROOT, "%-12s %9s %9s %7s%n", "", "median ms", "p95 ms", "share");
        parts.forEach((part, values) -> {
            Figures figures = Figures.of(values);
            System.out.printf(
                    Locale.ROOT,
                    "%-12s %9.1f %9.1f %5.1f %%  %s%n",
                    part.label,
                    figures.p50(),
                    figures.p95(),
                    100 * figures.mean() / all.mean(),
                    part.what);
        });
        System.out.printf(Locale.ROOT, "%-12s %9.1f %9.1f %5.1f %%%n", "whole", all.p50(), all.p95(), 100.0);
        System.out.printf(
                Locale.ROOT,
                "cold first token of %s, %d starts: median %.0f ms (limit %.0f), p95 %.0f, max %.0f ms; answers wrong %d%n",
                model,
                all.count(),
                all.p50(),
                LIMIT_MILLIS,
                all.p95(),
                all.max(),
                wrong);
        return wrong == 0 && all.p50() <= LIMIT_MILLIS;
    }
}
