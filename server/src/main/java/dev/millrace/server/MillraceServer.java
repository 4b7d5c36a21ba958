package dev.millrace.server;

import dev.millrace.core.id.ModelId;
import dev.millrace.core.time.NanoClock;
import dev.millrace.gateway.admission.AdmissionSettings;
import dev.millrace.gateway.admission.LimitSource;
import dev.millrace.models.lifecycle.Demand;
import dev.millrace.models.lifecycle.EngineStarter;
import dev.millrace.models.lifecycle.ModelPool;
import dev.millrace.models.lifecycle.ModelSource;
import dev.millrace.models.lifecycle.ModelState;
import dev.millrace.models.lifecycle.ModelStatus;
import dev.millrace.models.lifecycle.PoolSettings;
import dev.millrace.server.account.CallSink;
import dev.millrace.server.account.RequestLog;
import dev.millrace.server.account.ServerMetrics;
import dev.millrace.server.admission.Admission;
import dev.millrace.server.admission.HeapPressure;
import dev.millrace.server.cache.ModelIdentities;
import dev.millrace.server.cache.ResponseCache;
import dev.millrace.server.config.ConfigRules;
import dev.millrace.server.config.LimitsConfig;
import dev.millrace.server.config.MillraceConfig;
import dev.millrace.server.config.ModelsConfig;
import dev.millrace.server.fleet.NameLookup;
import dev.millrace.server.fleet.UpstreamWatch;
import dev.millrace.server.fleet.Upstreams;
import dev.millrace.server.http.LoopServer;
import dev.millrace.server.http.LoopSources;
import dev.millrace.server.http.StopFlags;
import dev.millrace.server.models.ModelChanges;
import dev.millrace.server.models.ModelEvent;
import dev.millrace.server.models.ModelEvents;
import dev.millrace.server.models.ModelStore;
import dev.millrace.server.models.ServedModels;
import io.vertx.core.DeploymentOptions;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.dns.DnsClientOptions;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A running server. *Thread-safe.*
///
/// It listens first and loads its models then, so that health checks and clients learn what it is doing.
///
/// ```java
/// try (MillraceServer server = MillraceServer.start(config, provider)) {
///     … "http://127.0.0.1:" + server.port() …
/// }
/// ```
public final class MillraceServer implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(MillraceServer.class);
    private static final long LOOK_NANOS = 5_000_000;
    private static final Duration LAST_WORDS = Duration.ofSeconds(1);

    private final MillraceConfig config;
    private final NanoClock clock = NanoClock.SYSTEM;
    private final SplittableRandom random = new SplittableRandom();
    private final StopFlags stop = new StopFlags();
    private final List<LoopServer> loops = new CopyOnWriteArrayList<>();
    private final AtomicBoolean stopBegun = new AtomicBoolean();
    private final CountDownLatch stopped = new CountDownLatch(1);
    private final Admission admission;
    private final ServedModels models;
    private final ModelEvents modelEvents = new ModelEvents();
    private final @Nullable ModelChanges changes;
    private final Upstreams upstreams;
    private final ResponseCache cache;
    private final ServerMetrics metrics;
    private final RequestLog requestLog;
    private final Vertx vertx;

    private MillraceServer(
            MillraceConfig config, ModelSource source, @Nullable ModelStore store, EngineStarter starter) {
        this.config = config;
        admission = admission(config.limits(), clock);
        metrics = new ServerMetrics(source.models());
        requestLog = new RequestLog(
                config.log().requests(),
                Executors.newSingleThreadScheduledExecutor(
                        Thread.ofPlatform().daemon().name("request-log").factory()));
        models = served(config, source, starter);
        upstreams = new Upstreams(config.gateway(), random.split(), clock);
        cache = new ResponseCache(
                config.cache(), new ModelIdentities(models, upstreams), clock, InstantSource.system());
        changes = store != null && ConfigRules.mayChangeModels(config)
                ? new ModelChanges(store, models.pool(), modelEvents)
                : null;
        vertx = Vertx.vertx(
                new VertxOptions().setEventLoopPoolSize(eventLoops(config)).setPreferNativeTransport(true));
    }

    /// Starts a server: when this returns, it listens; its models may still be loading.
    ///
    /// @param source the models on offer; the first one is what readiness is about and is loaded at once
    /// @param starter brings one into memory
    /// @throws ServerStartException if it cannot listen; nothing is left behind then
    public static MillraceServer start(MillraceConfig config, ModelSource source, EngineStarter starter)
            throws ServerStartException {
        return start(config, source, null, starter);
    }

    /// The same, with models on a disk that clients may change if the configuration says so.
    ///
    /// @param store absent if there is nothing to change
    /// @throws ServerStartException if it cannot listen; nothing is left behind then
    public static MillraceServer start(
            MillraceConfig config, ModelSource source, @Nullable ModelStore store, EngineStarter starter)
            throws ServerStartException {
        List<String> violations = ConfigRules.violations(config);
        if (!violations.isEmpty()) {
            throw new ServerStartException(String.join("; ", violations), null);
        }
        var server = new MillraceServer(config, source, store, starter);
        try {
            server.listen();
        } catch (ServerStartException e) {
            server.close();
            throw e;
        }
        return server;
    }

    private void listen() throws ServerStartException {
        registerGauges();
        SharedAnswers.open(config.cache(), cache, splitRandom(), clock);
        CallSink both = call -> {
            metrics.ended(call);
            requestLog.ended(call);
        };
        long startedSeconds = InstantSource.system().millis() / 1000;
        var shared = new LoopServer.Shared(
                models,
                upstreams,
                metrics.upstreams(),
                cache,
                modelEvents,
                changes,
                admission,
                both,
                metrics,
                clock,
                stop,
                startedSeconds);
        var deployed =
                vertx.deployVerticle(() -> newLoop(shared), new DeploymentOptions().setInstances(eventLoops(config)));
        try {
            deployed.toCompletionStage().toCompletableFuture().join();
        } catch (java.util.concurrent.CompletionException e) {
            throw new ServerStartException(
                    "cannot listen on " + config.server().host() + ":"
                            + config.server().port() + " (is it in use?)",
                    e.getCause());
        }
        if (!vertx.isNativeTransportEnabled()) {
            LOG.warn("event=no_native_transport effect=\"timers wake on whole milliseconds\"");
        }
        models.pool().onChange(this::modelChanged);
        preload();
        if (upstreams.areConfigured()) {
            watchUpstreams();
        }
    }

    private void watchUpstreams() throws ServerStartException {
        upstreams.onModel(model -> metrics.add(new ModelId(model)));
        UpstreamGauges.register(metrics, upstreams);
        var watch = new UpstreamWatch(
                upstreams,
                UpstreamSecrets.keys(config.gateway()),
                UpstreamSecrets.tls(config.gateway()),
                NameLookup.SYSTEM,
                new DnsClientOptions(),
                splitRandom(),
                clock);
        vertx.deployVerticle(watch).toCompletionStage().toCompletableFuture().join();
    }

    private static Admission admission(LimitsConfig limits, NanoClock clock) {
        double share = limits.queueShare() / 100.0;
        var settings = new AdmissionSettings(limits.perKey(), limits.perModel(), limits.queue(), share);
        return new Admission(settings, LimitSource.fixed(limits.inFlight()), new HeapPressure(clock), clock);
    }

    private ServedModels served(MillraceConfig settings, ModelSource source, EngineStarter starter) {
        ModelsConfig wanted = settings.models();
        PoolSettings usual = PoolSettings.usual();
        PoolSettings pool = new PoolSettings(
                wanted.memory().bytes(),
                wanted.keepAlive(),
                wanted.most(),
                usual.maxConcurrentLoads(),
                settings.limits().queue() + 1,
                wanted.loadTimeout(),
                usual.backoffFirst(),
                usual.backoffMost(),
                usual.unusedGrace(),
                usual.swapAfter(),
                List.of());
        return new ServedModels(
                source,
                ModelPool.open(pool, source, starter, clock, FreeMemory::bytes),
                source.models().stream().findFirst().orElse(null),
                wanted.loadOnDemand());
    }

    private void modelChanged(ModelStatus status) {
        if (status.state() == ModelState.READY) {
            cache.models().loaded(status.model(), models.description(status.model()));
        }
        if (status.state() == ModelState.READY && metrics.add(status.model())) {
            EngineGauges.register(metrics, status.model(), models.pool());
        }
        modelEvents.tell(new ModelEvent.Changed(status));
    }

    /// The first model is what most requests are about; pinned ones are there from the start.
    private void preload() {
        ModelId first = models.first();
        if (first != null) {
            models.pool().load(first, Demand.USUAL);
        }
        for (String name : config.models().pinned()) {
            models.find(name)
                    .ifPresentOrElse(
                            model -> {
                                models.pool().pin(model);
                                models.pool().load(model, Demand.USUAL);
                            },
                            () -> LOG.warn("event=no_such_model setting=models.pin model={}", name));
        }
    }

    private LoopServer newLoop(LoopServer.Shared shared) {
        var loop = new LoopServer(config, shared, new LoopSources(InstantSource.system(), splitRandom()));
        loops.add(loop);
        return loop;
    }

    private synchronized SplittableRandom splitRandom() {
        return random.split();
    }

    private void registerGauges() {
        ModelId first = models.first();
        String defaultModel = first == null ? MillraceConfig.NO_MODEL : first.value();
        models.names().forEach(model -> EngineGauges.register(metrics, model, models.pool()));
        metrics.gauge("millrace.requests.in_flight", defaultModel, admission, Admission::inFlight);
        metrics.gauge("millrace.requests.queued", defaultModel, admission, Admission::queued);
        CacheGauges.register(metrics, cache);
        metrics.gauge("millrace.log.dropped", defaultModel, requestLog, RequestLog::dropped);
    }

    private static int eventLoops(MillraceConfig config) {
        int configured = config.server().eventLoops();
        return configured > 0 ? configured : Runtime.getRuntime().availableProcessors();
    }

    /// The port that is listened on.
    public int port() {
        return stop.port();
    }

    /// The models and their state.
    public ServedModels models() {
        return models;
    }

    /// The upstreams and their state.
    public Upstreams upstreams() {
        return upstreams;
    }

    /// The response cache.
    public ResponseCache cache() {
        return cache;
    }

    /// Requests that are with an engine or wait for one, or for an answer that another request gets.
    public int openRequests() {
        return admission.inFlight() + admission.queued() + cache.waiting();
    }

    /// Stops: not ready at once, new requests for the lame-duck time only, running ones until they end or `drain`
    /// is over, then a last word on each stream that is left. Returns when everything has ended. Idempotent.
    public void shutdown(Duration drain) {
        if (stopBegun.compareAndSet(false, true)) {
            try {
                stopAll(drain);
            } finally {
                stopped.countDown();
            }
        } else {
            awaitStopped();
        }
    }

    private void awaitStopped() {
        try {
            stopped.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void stopAll(Duration drain) {
        stop.stop();
        if (!loops.isEmpty()) {
            pauseUnless(config.timeouts().lameDuck(), () -> false);
            stop.refuse();
            pauseUnless(drain, () -> openRequests() == 0);
            loops.forEach(LoopServer::endCalls);
            pauseUnless(LAST_WORDS, () -> openRequests() == 0);
        }
        if (changes != null) {
            changes.close();
        }
        models.close();
        cache.close();
        vertx.close().toCompletionStage().toCompletableFuture().join();
        requestLog.close();
    }

    private void pauseUnless(Duration limit, java.util.function.BooleanSupplier over) {
        long startNanos = clock.nanoTime();
        while (clock.nanoTime() - startNanos < limit.toNanos() && !over.getAsBoolean()) {
            LockSupport.parkNanos(LOOK_NANOS);
        }
    }

    /// Stops at once: running requests get their last word.
    @Override
    public void close() {
        shutdown(Duration.ZERO);
    }
}
