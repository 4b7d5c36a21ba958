package dev.millrace.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.core.ByteSize;
import dev.millrace.engine.Engine;
import dev.millrace.gateway.cache.CachePolicy;
import dev.millrace.server.config.CacheConfig;
import dev.millrace.server.config.EngineConfig;
import dev.millrace.server.config.GatewayConfig;
import dev.millrace.server.config.LimitsConfig;
import dev.millrace.server.config.LogConfig;
import dev.millrace.server.config.MillraceConfig;
import dev.millrace.server.config.ModelsConfig;
import dev.millrace.server.config.ServerConfig;
import dev.millrace.server.config.StoreConfig;
import dev.millrace.server.config.TimeoutConfig;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/// A server on a free port with engines of a test, and a client for it. Closing it checks that nothing is left: no
/// request in flight, none queued.
public final class TestServer implements AutoCloseable {
    static final LimitsConfig LIMITS = new LimitsConfig(100, 200, Duration.ofSeconds(30), ByteSize.mebibytes(8));
    static final LimitsConfig GATEWAY_LIMITS =
            new LimitsConfig(1_000, 200, Duration.ofSeconds(1), ByteSize.mebibytes(8));
    static final TimeoutConfig TIMEOUTS = new TimeoutConfig(
            Duration.ofSeconds(10),
            Duration.ofSeconds(75),
            Duration.ofMinutes(2),
            Duration.ofSeconds(60),
            Duration.ofMinutes(10),
            Duration.ofSeconds(30),
            Duration.ofSeconds(15),
            Duration.ofSeconds(30),
            Duration.ZERO);
    static final CacheConfig CACHE = new CacheConfig(
            CachePolicy.Mode.DETERMINISTIC,
            ByteSize.mebibytes(64),
            Duration.ofMinutes(5),
            Duration.ZERO,
            ByteSize.mebibytes(1),
            null);
    static final ModelsConfig MODELS = new ModelsConfig(
            Duration.ofHours(1),
            new ByteSize(0),
            64,
            true,
            Duration.ofMinutes(1),
            Duration.ofMinutes(1),
            List.of(),
            new StoreConfig(
                    StoreConfig.Changes.AUTO,
                    URI.create("https://hub.invalid"),
                    List.of(),
                    null,
                    ByteSize.mebibytes(64)));

    private final MillraceServer server;
    private final HttpClient client =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    private TestServer(MillraceServer server) {
        this.server = server;
    }

    /// A server with default limits.
    public static TestServer with(Engine... engines) {
        return with(LIMITS, TIMEOUTS, engines);
    }

    /// A server with given limits.
    public static TestServer with(LimitsConfig limits, TimeoutConfig timeouts, Engine... engines) {
        try {
            FixedModels models = new FixedModels(List.of(engines));
            var server = MillraceServer.start(config(limits, timeouts), models, models);
            var fixture = new TestServer(server);
            fixture.await(() -> server.models().isReady());
            return fixture;
        } catch (ServerStartException e) {
            throw new IllegalStateException(e);
        }
    }

    /// A server whose models a test loads itself: it does not wait until one is ready.
    static TestServer with(TimeoutConfig timeouts, ModelsConfig memory, ScriptedModels models) {
        return with(LIMITS, timeouts, memory, models);
    }

    /// The same with other limits.
    static TestServer with(LimitsConfig limits, TimeoutConfig timeouts, ModelsConfig memory, ScriptedModels models) {
        try {
            return new TestServer(MillraceServer.start(config(limits, timeouts, memory), models, models));
        } catch (ServerStartException e) {
            throw new IllegalStateException(e);
        }
    }

    /// A server that runs no models; it does not wait until an upstream is known to be well.
    static TestServer gateway(TimeoutConfig timeouts, GatewayConfig upstreams) {
        return gateway(GATEWAY_LIMITS, timeouts, upstreams);
    }

    /// The same with other limits.
    static TestServer gateway(LimitsConfig limits, TimeoutConfig timeouts, GatewayConfig upstreams) {
        try {
            FixedModels none = new FixedModels(List.of());
            return new TestServer(MillraceServer.start(config(limits, timeouts, MODELS, upstreams, CACHE), none, none));
        } catch (ServerStartException e) {
            throw new IllegalStateException(e);
        }
    }

    /// A server with a response cache of a test's wishes: engines here, upstreams, or both.
    static TestServer caching(CacheConfig cache, GatewayConfig upstreams, Engine... engines) {
        try {
            FixedModels models = new FixedModels(List.of(engines));
            var server =
                    MillraceServer.start(config(GATEWAY_LIMITS, TIMEOUTS, MODELS, upstreams, cache), models, models);
            var fixture = new TestServer(server);
            fixture.await(() -> engines.length == 0
                    ? server.upstreams().areReady()
                    : server.models().isReady());
            return fixture;
        } catch (ServerStartException e) {
            throw new IllegalStateException(e);
        }
    }

    static MillraceConfig config(LimitsConfig limits, TimeoutConfig timeouts) {
        return config(limits, timeouts, MODELS);
    }

    private static MillraceConfig config(LimitsConfig limits, TimeoutConfig timeouts, ModelsConfig models) {
        return config(limits, timeouts, models, TestUpstreams.NONE, CACHE);
    }

    private static MillraceConfig config(
            LimitsConfig limits,
            TimeoutConfig timeouts,
            ModelsConfig models,
            GatewayConfig upstreams,
            CacheConfig cache) {
        return new MillraceConfig(
                new ServerConfig("127.0.0.1", 0, List.of(), false, 2),
                Path.of("unused"),
                "fake",
                models,
                new EngineConfig(EngineConfig.Kind.SIMULATED, 4, 0, 0, Duration.ofMillis(100), true, true, null),
                upstreams,
                cache,
                limits,
                timeouts,
                new LogConfig(LogConfig.Format.TEXT, LogConfig.Requests.ALL));
    }

    public MillraceServer server() {
        return server;
    }

    public int port() {
        return server.port();
    }

    public URI uri(String path) {
        return URI.create("http://127.0.0.1:" + port() + path);
    }

    public HttpResponse<String> get(String path) throws Exception {
        return client.send(HttpRequest.newBuilder(uri(path)).build(), HttpResponse.BodyHandlers.ofString());
    }

    public HttpResponse<String> post(String path, String body, String... headers) throws Exception {
        var request = HttpRequest.newBuilder(uri(path))
                .header("content-type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(body));
        if (headers.length > 0) {
            request.headers(headers);
        }
        return client.send(request.build(), HttpResponse.BodyHandlers.ofString());
    }

    /// Waits until `condition` holds; fails after ten seconds.
    public void await(BooleanSupplier condition) {
        long startNanos = dev.millrace.core.time.NanoClock.SYSTEM.nanoTime();
        while (!condition.getAsBoolean()) {
            long elapsed = dev.millrace.core.time.NanoClock.SYSTEM.nanoTime() - startNanos;
            assertThat(Duration.ofNanos(elapsed)).isLessThan(Duration.ofSeconds(10));
            LockSupport.parkNanos(1_000_000);
        }
    }

    /// The accounts of admission are back to zero.
    public void awaitIdle() {
        await(() -> server.openRequests() == 0);
    }

    @Override
    public void close() {
        awaitIdle();
        client.close();
        server.close();
    }

    /// All arguments as one chat request.
    static String chat(String model, String... extra) {
        var body =
                new StringBuilder("{\"model\":\"" + model + "\",\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]");
        Arrays.stream(extra).forEach(field -> body.append(',').append(field));
        return body.append('}').toString();
    }
}
