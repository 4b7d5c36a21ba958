package dev.millrace.testing.upstream;

import dev.millrace.core.time.NanoClock;
import dev.millrace.testing.net.LoopbackListener;
import java.net.Socket;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// A small OpenAI-compatible server over HTTP/1.1 that does per request what a script says: it answers, refuses, is
/// slow, breaks off or falls silent. It is nobody's product; the bytes are written by hand.
///
/// Every POST goes through the script, whatever its path; `/v1/completions` and `/v1/embeddings` are answered in their
/// shapes, everything else in that of `/v1/chat/completions`. A GET is answered by its page: `/health` and
/// `/v1/models` are there from the start. *Thread-safe*; the script is called by many threads at once.
///
/// ```java
/// try (var upstream = ScriptedUpstream.start().models("small")) {
///     upstream.script(request -> request.index() == 0 ? Scene.status(503, "{}") : Scene.echo());
///     // ... call http://127.0.0.1:upstream.port()/v1/chat/completions twice
///     assertThat(upstream.count()).isEqualTo(2);
/// }
/// ```
public final class ScriptedUpstream implements AutoCloseable {
    private static final int CREATED = 1_700_000_000;

    private final Ledger ledger = new Ledger(NanoClock.SYSTEM);
    private final Map<String, Scene> pages = new ConcurrentHashMap<>();
    private final LoopbackListener listener;
    private volatile Function<SeenRequest, Scene> script = request -> Scene.echo();

    private ScriptedUpstream() {
        healthy(true);
        models("scripted");
        Conversation.Program program = new Conversation.Program() {
            @Override
            public Scene scripted(SeenRequest request) {
                return sceneFor(request);
            }

            @Override
            public Map<String, Scene> pages() {
                return pages;
            }
        };
        listener = LoopbackListener.start(
                "upstream", (Socket socket, int index) -> new Conversation(socket, index, program, ledger).run());
    }

    /// Starts on a free port of 127.0.0.1; it is healthy and echoes.
    public static ScriptedUpstream start() {
        return new ScriptedUpstream();
    }

    /// Where it listens.
    public int port() {
        return listener.port();
    }

    /// The address that clients call, without a path.
    public String url() {
        return "http://127.0.0.1:" + port();
    }

    /// Decides about each POST; the scene of a failing script is a 500 that says so.
    public ScriptedUpstream script(Function<SeenRequest, Scene> newScript) {
        script = newScript;
        return this;
    }

    /// Plays one scene for every request.
    public ScriptedUpstream always(Scene scene) {
        return script(request -> scene);
    }

    /// Replaces what `GET /v1/models` lists, and `GET /v1/models/NAME` knows.
    public ScriptedUpstream models(String... names) {
        pages.keySet().removeIf(path -> path.startsWith("/v1/models/"));
        for (String name : names) {
            pages.put("/v1/models/" + name, Scene.status(200, model(name)));
        }
        String list = Stream.of(names).map(ScriptedUpstream::model).collect(Collectors.joining(","));
        return page("/v1/models", Scene.status(200, "{\"object\":\"list\",\"data\":[" + list + "]}"));
    }

    /// Makes `GET /health` say so.
    public ScriptedUpstream healthy(boolean healthy) {
        return page("/health", healthy ? Scene.status(200, "{\"status\":\"ok\"}") : Scene.llamaServerLoading());
    }

    /// Plays a scene for GET requests of a path, be it a hanging `/health` or a `/metrics` with a text.
    public ScriptedUpstream page(String path, Scene scene) {
        pages.put(path, scene);
        return this;
    }

    /// The requests that went through the script, oldest first; the last 10,000 of them.
    public List<SeenRequest> seen() {
        return ledger.seen();
    }

    /// How many requests went through the script.
    public int count() {
        return ledger.count();
    }

    /// How many of them are being answered now.
    public int active() {
        return ledger.active();
    }

    /// How many requests for pages came.
    public int pagesAsked() {
        return ledger.pages();
    }

    /// How many clients left before their answer was complete. A leave is noticed in a wait, and by a failing write.
    public int clientsGone() {
        return ledger.gone();
    }

    /// Takes the oldest such leave that was not taken yet.
    ///
    /// @throws AssertionError if there is none within the limit
    public SeenRequest awaitClientGone(Duration limit) {
        return ledger.takeDeparture(limit);
    }

    /// Waits until so many requests came.
    ///
    /// @throws AssertionError if they do not within the limit
    public void awaitCount(int requests, Duration limit) {
        ledger.awaitCount(requests, limit);
    }

    /// Waits until no request is being answered.
    ///
    /// @throws AssertionError if one still is behind the limit
    public void awaitIdle(Duration limit) {
        ledger.awaitIdle(limit);
    }

    /// Connections accepted so far.
    public int connections() {
        return listener.accepted();
    }

    /// Connections that are open now.
    public int openConnections() {
        return listener.open();
    }

    /// Refuses new connections from now on, and keeps the port; those that are open go on.
    public void down() {
        listener.down();
    }

    /// Listens again.
    public void up() {
        listener.up();
    }

    /// Closes every open connection now, idle or not.
    public void closeConnections() {
        listener.closeConnections();
    }

    @Override
    public void close() {
        listener.close();
    }

    private Scene sceneFor(SeenRequest request) {
        try {
            return script.apply(request);
        } catch (RuntimeException | AssertionError e) {
            return Scene.error(500, "script_failed", "script_failed", e.toString());
        }
    }

    private static String model(String name) {
        return "{\"id\":" + Json.quote(name) + ",\"object\":\"model\",\"created\":" + CREATED
                + ",\"owned_by\":\"scripted\"}";
    }
}
