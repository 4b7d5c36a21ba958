package dev.millrace.cli.serve;

import dev.millrace.cli.config.ConfigOptions;
import dev.millrace.cli.config.EffectiveConfig;
import dev.millrace.cli.console.Console;
import dev.millrace.cli.console.ExitCode;
import dev.millrace.cli.console.Interrupts;
import dev.millrace.cli.console.Logs;
import dev.millrace.cli.console.Places;
import dev.millrace.cli.console.Style;
import dev.millrace.cli.console.Version;
import dev.millrace.engine.ModelDescription;
import dev.millrace.gateway.fleet.EndpointStatus;
import dev.millrace.server.config.LogConfig;
import dev.millrace.server.config.MillraceConfig;
import java.io.PrintStream;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/// `millrace serve`: the server, until SIGTERM or Ctrl-C.
@Command(
        name = "serve",
        header = "Serve a model over HTTP, for any OpenAI client.",
        description = {
            "",
            "Prints the address and the model once the first request would be answered. Requests are logged on standard"
                    + " error, one line each, without prompts or answers. SIGTERM or Ctrl-C lets running answers end,"
                    + " a second Ctrl-C does not wait for them.",
        },
        footer = {
            "",
            "@|bold Examples:|@",
            "  millrace serve",
            "  millrace serve --model ./some-model.gguf --port 9000",
            "  millrace serve --engine simulated --model simulated/5ms",
            "  millrace serve --model none --upstream http://10.0.0.5:8000 --upstream http://10.0.0.6:8000",
            "  millrace serve --set engine.slots=8 --set log.requests=failed",
        })
public final class ServeCommand implements Callable<Integer> {
    private static final double MILLION = 1e6;

    @Mixin
    private final ConfigOptions options = new ConfigOptions();

    private final Console console;
    private final Places places;

    public ServeCommand(Console console, Places places) {
        this.console = console;
        this.places = places;
    }

    @Override
    public Integer call() throws InterruptedException {
        MillraceConfig config =
                EffectiveConfig.load(console, options.file(), options.flags()).config();
        Logs.atLeast(console, Logs.Detail.NORMAL);
        if (config.log().format() == LogConfig.Format.JSON) {
            Logs.asJson();
        }
        CountDownLatch stop = new CountDownLatch(1);
        AtomicInteger interrupts = new AtomicInteger();
        try (Interrupts _ = Interrupts.handle(signal -> onSignal(signal, interrupts, stop))) {
            RunningServer server = RunningServer.start(console, config, places);
            if (server.awaitReady(stop)) {
                introduce(server);
                stop.await();
            }
            sayGoodbye(server);
            server.drain();
            console.out().println("Stopped.");
            return ExitCode.OK.number();
        }
    }

    /// SIGTERM may come twice (a supervisor tells the process and then its group) and asks for patience both times.
    private static void onSignal(String signal, AtomicInteger interrupts, CountDownLatch stop) {
        if (signal.equals("INT") && interrupts.incrementAndGet() > 1) {
            Runtime.getRuntime().halt(ExitCode.INTERRUPTED.number());
        }
        stop.countDown();
    }

    private void introduce(RunningServer server) {
        Style style = console.style();
        PrintStream out = console.out();
        ModelDescription model = server.model();
        boolean ready = model != null || server.upstreams().areReady();
        out.println("Millrace " + Version.text() + (ready ? " is ready on " : " listens on ")
                + style.bold(server.address().toString()));
        out.println();
        if (model != null) {
            line("model", model.id() + describe(model));
            line("engine", model.simulated() ? "simulated: no model is behind the answers" : model.engine());
        }
        introduceUpstreams(server);
        String name = model != null ? model.id().value() : anyModel(server);
        line(
                "try",
                "curl " + server.address()
                        + "/v1/chat/completions -H 'content-type: application/json' -d '{\"model\":\"" + name
                        + "\",\"messages\":[{\"role\":\"user\",\"content\":\"What is Millrace?\"}]}'");
        line("stop", "Ctrl-C");
        out.println();
        out.flush();
    }

    private void introduceUpstreams(RunningServer server) {
        for (EndpointStatus endpoint : server.upstreams().fleet().statuses()) {
            int models = endpoint.models().size();
            String offer = models == 0 ? "nothing known of it yet" : models == 1 ? "1 model" : models + " models";
            line("upstream", endpoint.endpoint() + " (" + offer + ")");
        }
    }

    private static String anyModel(RunningServer server) {
        return server.upstreams().fleet().models().stream().sorted().findFirst().orElse("MODEL");
    }

    private void line(String label, String text) {
        console.out().println("  " + console.style().dim(String.format(Locale.ROOT, "%-9s", label)) + text);
    }

    private static String describe(ModelDescription model) {
        if (model.parameters() == 0) {
            return " (" + model.contextTokens() + " tokens of context)";
        }
        return String.format(
                Locale.ROOT,
                " (%.1f M parameters, %d tokens of context)",
                model.parameters() / MILLION,
                model.contextTokens());
    }

    private void sayGoodbye(RunningServer server) {
        int open = server.openRequests();
        console.out().println(open == 0 ? "Stopping." : "Stopping: waiting for " + open + " running requests.");
        console.out().flush();
    }
}
