package dev.millrace.server.account;

import dev.millrace.core.error.ErrorCode;
import dev.millrace.core.id.ModelId;
import dev.millrace.server.account.CallSummary.Operation;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.ToDoubleFunction;

/// Counts calls. *Thread-safe.* Every meter is made at the start, with labels from closed sets, so that a request
/// costs no look-up by tags and nobody can make up time series.
public final class ServerMetrics implements CallSink, Scrape {
    private final PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    private final Histograms histograms = new Histograms();
    private final Map<String, Map<Operation, ModelMeters>> meters = new ConcurrentHashMap<>();
    private final Map<Operation, ModelMeters> unknown;
    private final UpstreamMeters upstreams = new UpstreamMeters(registry);
    private final Map<ErrorCode, Counter> failures = new EnumMap<>(ErrorCode.class);

    /// @param models all models of the server
    public ServerMetrics(List<ModelId> models) {
        models.forEach(model -> addModel(model.value()));
        unknown = addModel(CallSummary.UNKNOWN_MODEL);
        for (ErrorCode code : ErrorCode.values()) {
            failures.put(
                    code,
                    Counter.builder("millrace.requests.failed")
                            .tag("error.type", code.wireName())
                            .register(registry));
        }
    }

    /// Adds a model that came after the start; until then its calls count as those of no known model.
    ///
    /// @return false if it is there already
    public boolean add(ModelId model) {
        if (meters.containsKey(model.value())) {
            return false;
        }
        addModel(model.value());
        return true;
    }

    private Map<Operation, ModelMeters> addModel(String model) {
        Map<Operation, ModelMeters> ofModel = new EnumMap<>(Operation.class);
        for (Operation operation : Operation.values()) {
            ofModel.put(operation, new ModelMeters(registry, histograms, model, operation));
        }
        meters.put(model, ofModel);
        return ofModel;
    }

    /// The counts of attempts at upstreams.
    public UpstreamMeters upstreams() {
        return upstreams;
    }

    /// Adds a value of an upstream that is read when it is asked for.
    public <T> void upstreamGauge(String name, String upstream, T source, ToDoubleFunction<T> value) {
        Gauge.builder(name, source, value)
                .tag("upstream", upstream)
                .strongReference(true)
                .register(registry);
    }

    /// Adds a total of an upstream that only grows.
    public <T> void upstreamCounter(String name, String upstream, T source, ToDoubleFunction<T> value) {
        FunctionCounter.builder(name, source, value).tag("upstream", upstream).register(registry);
    }

    /// Adds a value that is read when it is asked for.
    public <T> void gauge(String name, String model, T source, ToDoubleFunction<T> value) {
        Gauge.builder(name, source, value)
                .tag("model_name", model)
                .strongReference(true)
                .register(registry);
    }

    /// Adds a total that only grows and is read when it is asked for.
    public <T> void counter(String name, String model, T source, ToDoubleFunction<T> value) {
        FunctionCounter.builder(name, source, value).tag("model_name", model).register(registry);
    }

    /// Adds a value of the whole server that is read when it is asked for.
    public <T> void gauge(String name, T source, ToDoubleFunction<T> value) {
        Gauge.builder(name, source, value).strongReference(true).register(registry);
    }

    /// Adds a total of the whole server that only grows.
    public <T> void counter(String name, T source, ToDoubleFunction<T> value) {
        FunctionCounter.builder(name, source, value).register(registry);
    }

    @Override
    public void ended(CallSummary call) {
        Map<Operation, ModelMeters> ofModel = meters.getOrDefault(call.model(), unknown);
        ModelMeters ofCall = ofModel.get(call.operation());
        if (ofCall != null) {
            ofCall.record(call);
        }
        Counter failure = call.error() == null ? null : failures.get(call.error());
        if (failure != null) {
            failure.increment();
        }
    }

    @Override
    public String text() {
        var text = new StringBuilder(registry.scrape());
        histograms.write(text);
        return text.toString();
    }
}
