package dev.millrace.server;

import dev.millrace.core.id.ModelId;
import dev.millrace.core.time.NanoClock;
import dev.millrace.engine.Engine;
import dev.millrace.server.account.ServerMetrics;
import dev.millrace.server.models.EngineProvider;
import dev.millrace.server.models.EngineRegistry;
import dev.millrace.server.models.EngineUnavailableException;
import dev.millrace.server.models.ModelState;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Loads each model on a thread of its own and keeps the registry told. *Thread-safe.*
final class ModelLoader {
    private static final Logger LOG = LoggerFactory.getLogger(ModelLoader.class);
    private static final long NANOS_PER_MILLI = 1_000_000;

    private final EngineProvider provider;
    private final EngineRegistry registry;
    private final ServerMetrics metrics;
    private final NanoClock clock;
    private final List<Thread> threads = new ArrayList<>();
    private final Object lock = new Object();
    private boolean stopped;

    ModelLoader(EngineProvider provider, EngineRegistry registry, ServerMetrics metrics, NanoClock clock) {
        this.provider = provider;
        this.registry = registry;
        this.metrics = metrics;
        this.clock = clock;
    }

    void start() {
        for (ModelId model : registry.names()) {
            threads.add(Thread.ofPlatform().daemon().name("load-" + model).start(() -> load(model)));
        }
    }

    private void load(ModelId model) {
        long startNanos = clock.nanoTime();
        try {
            Engine engine = provider.load(model, fraction -> registry.set(model, new ModelState.Loading(fraction)));
            publish(model, engine);
            LOG.info("event=model_ready model={} ms={}", model, (clock.nanoTime() - startNanos) / NANOS_PER_MILLI);
        } catch (EngineUnavailableException e) {
            registry.set(model, new ModelState.Failed(String.valueOf(e.getMessage())));
            LOG.error("event=model_failed model={} reason=\"{}\"", model, e.getMessage());
        } catch (InterruptedException e) {
            registry.set(model, new ModelState.Failed("loading was stopped"));
        } catch (RuntimeException | LinkageError e) {
            registry.set(model, new ModelState.Failed("a fault of the server; its log says more"));
            LOG.error("event=model_failed model={}", model, e);
        }
    }

    /// An engine that comes when the server already stops has nobody else to close it.
    private void publish(ModelId model, Engine engine) {
        synchronized (lock) {
            if (!stopped) {
                EngineGauges.register(metrics, model, engine);
                registry.set(model, new ModelState.Ready(engine));
                return;
            }
        }
        engine.close();
    }

    void stop() {
        synchronized (lock) {
            stopped = true;
        }
        threads.forEach(Thread::interrupt);
    }
}
