package dev.millrace.cli.serve;

import dev.millrace.cli.client.ServerClient;
import dev.millrace.cli.client.ServerState;
import dev.millrace.cli.console.CommandFailedException;
import dev.millrace.cli.console.Console;
import dev.millrace.cli.console.ExitCode;
import dev.millrace.cli.console.Places;
import dev.millrace.cli.console.ProgressLine;
import dev.millrace.cli.engines.Engines;
import dev.millrace.core.id.ModelId;
import dev.millrace.engine.ModelDescription;
import dev.millrace.models.lifecycle.ModelStatus;
import dev.millrace.server.MillraceServer;
import dev.millrace.server.ServerStartException;
import dev.millrace.server.config.MillraceConfig;
import dev.millrace.server.fleet.Upstreams;
import dev.millrace.server.models.ServedModels;
import java.net.BindException;
import java.net.URI;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// A server in this process, from its start to its end.
public final class RunningServer implements OccasionalServer {
    private static final long LOOK_MILLIS = 10;
    private static final long UPSTREAM_WAIT_MILLIS = 3_000;

    private final Console console;
    private final MillraceConfig config;
    private final MillraceServer server;
    private final Engines engines;
    private final Queue<String> notices;

    private RunningServer(
            Console console, MillraceConfig config, MillraceServer server, Engines engines, Queue<String> notices) {
        this.console = console;
        this.config = config;
        this.server = server;
        this.engines = engines;
        this.notices = notices;
    }

    /// Starts to listen; the model loads meanwhile.
    ///
    /// @throws CommandFailedException if the port is taken or there is no such model
    public static RunningServer start(Console console, MillraceConfig config, Places places)
            throws InterruptedException {
        Queue<String> notices = new ConcurrentLinkedQueue<>();
        Engines engines = Engines.of(config, places, console.environment(), notices::add);
        try {
            MillraceServer server = MillraceServer.start(config, engines.source(), engines.store(), engines.starter());
            return new RunningServer(console, config, server, engines, notices);
        } catch (ServerStartException e) {
            engines.close();
            throw taken(config, e);
        }
    }

    private static CommandFailedException taken(MillraceConfig config, ServerStartException e)
            throws InterruptedException {
        int port = config.server().port();
        URI address = address(config, port);
        // Netty's own transport says it in words only.
        boolean inUse = e.getCause() instanceof BindException
                || (e.getCause() != null
                        && String.valueOf(e.getCause().getMessage()).contains("Address already in use"));
        if (!inUse) {
            return new CommandFailedException(
                    ExitCode.CONFIGURATION,
                    String.valueOf(e.getMessage()),
                    "See what is configured: millrace config",
                    e);
        }
        String there;
        try (ServerClient client = new ServerClient(address)) {
            there = switch (client.state()) {
                case ServerState.Ready _ -> "a Millrace server is running there already (millrace chat talks to it)";
                case ServerState.NotReady _ -> "a server that is starting or stopping is there";
                case ServerState.Stranger _, ServerState.Silent _ -> "another program is there";
            };
        }
        return new CommandFailedException(
                ExitCode.UNREACHABLE,
                "port " + port + " is taken: " + there,
                "Stop it, or take another port: millrace serve --port " + (port + 1),
                e);
    }

    private static URI address(MillraceConfig config, int port) {
        String host = config.server().host();
        boolean any = host.equals("0.0.0.0") || host.equals("::");
        String shown = any ? "127.0.0.1" : host.contains(":") ? "[" + host + "]" : host;
        return URI.create("http://" + shown + ":" + port);
    }

    @Override
    public URI address() {
        return address(config, server.port());
    }

    /// Waits until the default model is ready, and shows how far it is.
    ///
    /// @param stop ends the waiting early
    /// @return false if `stop` came first
    /// @throws CommandFailedException if the model cannot be loaded; the server is closed then
    public boolean awaitReady(CountDownLatch stop) throws InterruptedException {
        ServedModels models = server.models();
        ModelId first = models.first();
        if (first == null) {
            return awaitUpstreams(stop);
        }
        try (ProgressLine line = new ProgressLine(console)) {
            do {
                showNotices(line);
                if (models.isReady()) {
                    return true;
                }
                String failure = models.failure();
                if (failure != null) {
                    close();
                    throw new CommandFailedException(
                            ExitCode.MODEL,
                            "cannot load " + first + ": " + failure,
                            "See what this machine has: millrace doctor");
                }
                ModelStatus status = models.pool().status(first);
                if (status.progress() > 0) {
                    line.at("loading " + first, status.progress());
                }
            } while (!stop.await(LOOK_MILLIS, TimeUnit.MILLISECONDS));
            return false;
        }
    }

    private void showNotices(ProgressLine line) {
        for (String notice = notices.poll(); notice != null; notice = notices.poll()) {
            line.close();
            console.err().println(console.style().dim(notice));
        }
    }

    /// Waits for a while only: an upstream that is down may come at any time, and this server answers until then.
    private boolean awaitUpstreams(CountDownLatch stop) throws InterruptedException {
        for (long waited = 0; waited < UPSTREAM_WAIT_MILLIS; waited += LOOK_MILLIS) {
            if (server.upstreams().areReady()) {
                return true;
            }
            if (stop.await(LOOK_MILLIS, TimeUnit.MILLISECONDS)) {
                return false;
            }
        }
        return true;
    }

    /// The upstreams and what they offer.
    public Upstreams upstreams() {
        return server.upstreams();
    }

    /// The default model, once it is ready; `null` if none runs here.
    public @Nullable ModelDescription model() {
        ModelId first = server.models().first();
        if (first == null) {
            return null;
        }
        ModelDescription model = server.models().description(first);
        return model == null ? new ModelDescription(first, "", 0, 0, 0, false) : model;
    }

    /// Requests that are being answered or wait for it.
    public int openRequests() {
        return server.openRequests();
    }

    /// Lets running requests end, for as long as configured, then stops.
    public void drain() {
        server.shutdown(config.timeouts().drain());
        engines.close();
    }

    /// Stops at once.
    @Override
    public void close() {
        server.close();
        engines.close();
    }
}
