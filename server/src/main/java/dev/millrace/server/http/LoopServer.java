package dev.millrace.server.http;

import dev.millrace.core.time.NanoClock;
import dev.millrace.server.account.CallSink;
import dev.millrace.server.account.Scrape;
import dev.millrace.server.account.UpstreamMeters;
import dev.millrace.server.admission.Admission;
import dev.millrace.server.cache.LoopCache;
import dev.millrace.server.cache.ResponseCache;
import dev.millrace.server.config.ConfigRules;
import dev.millrace.server.config.MillraceConfig;
import dev.millrace.server.fleet.Upstreams;
import dev.millrace.server.generate.CallScope;
import dev.millrace.server.loop.DeadlineList;
import dev.millrace.server.loop.LoopMailbox;
import dev.millrace.server.models.ModelChanges;
import dev.millrace.server.models.ModelEvents;
import dev.millrace.server.models.ServedModels;
import dev.millrace.server.relay.RelayScope;
import dev.millrace.server.reply.RawReply;
import dev.millrace.server.upstream.LoopPools;
import dev.millrace.server.wire.WireGuard;
import io.netty.channel.EventLoop;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.impl.HttpServerConnection;
import io.vertx.core.internal.ContextInternal;
import io.vertx.core.internal.VertxInternal;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The server's share on one event loop: its listener, its calls, their deadlines. *Confined to its event loop*,
/// except [#endCalls].
public final class LoopServer extends VerticleBase {
    private static final long SWEEP_MILLIS = 100;
    private static final long CONNECTION_SWEEP_MILLIS = 500;
    private static final String HTTP_HANDLER = "handler";

    private final MillraceConfig config;
    private final Shared shared;
    private final LoopSources sources;
    private final RequestIds ids;
    private final DeadlineList deadlines = new DeadlineList();
    private final DeadlineList connections = new DeadlineList();

    /// What all event loops share; everything in it is thread-safe.
    ///
    /// @param modelChanges absent if clients may not change what is on the disk
    /// @param startedSeconds when the server started, in epoch seconds
    public record Shared(
            ServedModels models,
            Upstreams upstreams,
            UpstreamMeters upstreamMeters,
            ResponseCache cache,
            ModelEvents modelEvents,
            @Nullable ModelChanges modelChanges,
            Admission admission,
            CallSink sink,
            Scrape scrape,
            NanoClock clock,
            StopFlags stop,
            long startedSeconds) {}

    /// @param sources used by this event loop only
    public LoopServer(MillraceConfig config, Shared shared, LoopSources sources) {
        this.config = config;
        this.shared = shared;
        this.sources = sources;
        this.ids = new RequestIds(sources.random());
    }

    @Override
    public Future<?> start() {
        HttpFront front = front(config, scope((ContextInternal) context));
        vertx.setPeriodic(SWEEP_MILLIS, tick -> deadlines.sweep(shared.clock().nanoTime()));
        vertx.setPeriodic(
                CONNECTION_SWEEP_MILLIS,
                tick -> connections.sweep(shared.clock().nanoTime()));
        HttpServer server = vertx.createHttpServer(ListenerOptions.of(config))
                .connectionHandler(this::guard)
                .requestHandler(front::accept)
                .invalidRequestHandler(front::acceptInvalid);
        return server.listen().onSuccess(bound -> shared.stop().bound(bound.actualPort()));
    }

    /// Vert.x gives no public way to a connection's pipeline, where alone the bytes can be looked at.
    private void guard(HttpConnection connection) {
        var channel =
                ((HttpServerConnection) connection).channelHandlerContext().channel();
        var limits = new WireGuard.Limits(
                config.timeouts().header().toNanos(),
                config.timeouts().connection().toNanos(),
                code -> RawReply.of(HeadErrors.of(code), ids.fresh()),
                shared.stop()::isStopping);
        WireGuard.install(channel, HTTP_HANDLER, limits, connections, shared.clock());
    }

    /// Ends all calls of this loop; what has a stream is told why.
    public void endCalls() {
        context.runOnContext(ignored -> deadlines.shutDown());
    }

    private CallScope scope(ContextInternal loop) {
        EventLoop eventLoop = loop.nettyEventLoop();
        var mailbox = new LoopMailbox(
                task -> eventLoop.execute(() -> loop.dispatch(ignored -> task.run())), eventLoop::inEventLoop);
        var limits = CallScope.CallLimits.of(
                config.limits().queueTimeout(), config.models().patience(), config.timeouts());
        return new CallScope(
                mailbox, deadlines, shared.models().pool(), shared.admission(), limits, shared.clock(), shared.sink());
    }

    private RelayScope relayScope(CallScope calls) {
        EventLoop loop = ((ContextInternal) context).nettyEventLoop();
        var pools =
                new LoopPools(loop, ((VertxInternal) vertx).transport().channelFactory(false), shared.clock(), true);
        if (shared.upstreams().areConfigured()) {
            vertx.setPeriodic(SWEEP_MILLIS, tick -> {
                shared.upstreams().targets().forEach(target -> pools.of(target.pool()));
                pools.sweep(shared.clock().nanoTime());
            });
        }
        return new RelayScope(calls, shared.upstreams(), pools, loop, shared.upstreamMeters(), sources.wallClock());
    }

    private HttpFront front(MillraceConfig settings, CallScope scope) {
        var hosts = new HostPolicy(settings.server().host(), settings.server().allowedHosts());
        var front = new HttpFront(new RequestGuard(hosts), ids, scope.deadlines(), shared.clock());
        var relay = new RelayRoutes(relayScope(scope));
        var generation = new GenerationRoutes(
                front,
                scope,
                shared.models(),
                new BodyCollector.Limits(
                        settings.limits().body().bytes(),
                        settings.timeouts().header().toNanos()),
                shared.stop()::isRefusing,
                relay,
                new LoopCache(shared.cache(), scope, sources.wallClock(), sources.random(), ids::fresh),
                sources);
        var embeddings = new EmbeddingRoute(
                front,
                scope,
                shared.models(),
                new BodyCollector.Limits(
                        settings.limits().body().bytes(),
                        settings.timeouts().header().toNanos()),
                shared.stop()::isRefusing,
                relay);
        var models = new ModelRoutes(
                shared.models(), shared.modelChanges(), shared.upstreams(), front, shared.startedSeconds());
        var bodies =
                new RequestBodies(front, settings.timeouts().header().toNanos(), shared.clock(), scope.deadlines());
        var commands = new ModelCommands(front, shared.models(), bodies, shared.modelChanges());
        var store = new StoreRoutes(front, bodies, scope, shared.modelChanges());
        var events = new ModelEventRoute(
                shared.models(),
                shared.modelEvents(),
                shared.modelChanges(),
                scope.mailbox(),
                scope.deadlines(),
                settings.timeouts().heartbeat().toNanos());
        var cache = new CacheRoutes(front, bodies, shared.cache(), ConfigRules.mayChangeCache(settings));
        var health = new HealthRoutes(shared.models(), shared.upstreams(), shared.stop()::isStopping);
        front.serve(new RouteTable(List.of(
                new Route(HttpMethod.POST, "/v1/chat/completions", generation::chat),
                new Route(HttpMethod.POST, "/v1/completions", generation::completion),
                new Route(HttpMethod.POST, "/v1/embeddings", embeddings::answer),
                new Route(HttpMethod.GET, "/v1/models", models::list),
                new Route(HttpMethod.GET, "/v1/models/", models::one),
                new Route(HttpMethod.GET, "/models", models::listAll),
                new Route(HttpMethod.POST, "/models", store::download),
                new Route(HttpMethod.DELETE, "/models", store::delete),
                new Route(HttpMethod.POST, "/models/load", commands::load),
                new Route(HttpMethod.POST, "/models/unload", commands::unload),
                new Route(HttpMethod.GET, "/models/sse", events::open),
                new Route(HttpMethod.GET, "/admin/cache", cache::show),
                new Route(HttpMethod.POST, "/admin/cache/invalidate", cache::invalidate),
                new Route(HttpMethod.GET, "/health", health::ready),
                new Route(HttpMethod.GET, "/health/live", health::live),
                new Route(HttpMethod.GET, "/health/ready", health::ready),
                new Route(HttpMethod.GET, "/metrics", new MetricsRoute(shared.scrape())::answer))));
        return front;
    }
}
