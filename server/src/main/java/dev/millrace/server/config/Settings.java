package dev.millrace.server.config;

import static java.time.Duration.ofHours;
import static java.time.Duration.ofMillis;
import static java.time.Duration.ofSeconds;

import dev.millrace.core.ByteSize;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/// Every key there is. The loader, the rendered configuration, the reference and the suggestions all read this
/// list. *Immutable.*
final class Settings {
    private static final Duration LONGEST = ofHours(24);

    final Setting<String> host = new Setting<>(
            "server.host",
            SettingType.text("an address or a name"),
            "127.0.0.1",
            "Address to listen on. One that is not loopback needs `server.behind-proxy`.");
    final Setting<Integer> port =
            new Setting<>("server.port", SettingType.number(0, 65_535), "8000", "Port to listen on; 0 = any free one.");
    final Setting<List<String>> allowedHosts = new Setting<>(
            "server.allowed-hosts",
            SettingType.list("names, or * for any"),
            "[]",
            "Names accepted in the `Host` header besides the loopback names; others get 421.");
    final Setting<Boolean> behindProxy = new Setting<>(
            "server.behind-proxy",
            SettingType.bool(),
            "false",
            "A proxy that checks keys and speaks TLS stands in front. Millrace itself does neither yet.");
    final Setting<Integer> eventLoops = new Setting<>(
            "server.event-loops",
            SettingType.autoOrNumber(1, 256),
            "auto",
            "Threads that serve connections; auto = one per core.");
    final Setting<Path> dataDirectory;
    final Setting<String> model = new Setting<>(
            "model",
            SettingType.text("a name, the path of a GGUF file, or none"),
            "millrace-demo",
            "What is served: a known name, or a GGUF file; none = nothing runs here, upstreams answer.");
    final Setting<Duration> keepAlive = new Setting<>(
            "models.keep-alive",
            SettingType.duration(Duration.ZERO, Duration.ofDays(365)),
            "5m",
            "A model that nobody uses leaves memory after this time; requests may say another (`keep_alive`).");
    final Setting<ByteSize> memory = new Setting<>(
            "models.memory",
            SettingType.autoOrSize(ByteSize.mebibytes(16), ByteSize.mebibytes(1 << 24)),
            "auto",
            "What all models together may take; auto = what the machine has free.");
    final Setting<Integer> mostModels =
            new Setting<>("models.most", SettingType.number(1, 64), "8", "Most models in memory at once.");
    final Setting<Boolean> loadOnDemand = new Setting<>(
            "models.load-on-demand",
            SettingType.bool(),
            "true",
            "A request for a model that is not in memory loads it; false = it gets 503, and `/models/load` loads.");
    final Setting<Duration> loadTimeout = new Setting<>(
            "models.load-timeout", SettingType.duration(ofSeconds(1), LONGEST), "10m", "Longest time of one load.");
    final Setting<Duration> modelWait = new Setting<>(
            "models.wait",
            SettingType.duration(ofMillis(1), LONGEST),
            "2m",
            "Longest time that a request waits for its model; then 504.");
    final Setting<List<String>> pinned = new Setting<>(
            "models.pin", SettingType.list("names"), "[]", "Models that are loaded at the start and never leave.");
    final Setting<StoreConfig.Changes> changes = new Setting<>(
            "models.changes",
            SettingType.choice(StoreConfig.Changes.class),
            "auto",
            "Clients may download models and delete them; auto = on if only this machine can connect and no proxy is in"
                    + " front.");
    final Setting<URI> hub = new Setting<>(
            "models.hub",
            SettingType.address(),
            "https://huggingface.co",
            "Where `org/repo` is downloaded from; a private address is trusted as it stands here.");
    final Setting<List<String>> downloadHosts = new Setting<>(
            "models.download-hosts",
            SettingType.list("names, or origins such as http://127.0.0.1:9000"),
            "[]",
            "Hosts besides the hub that models may be downloaded from; names by https and at public addresses only.");
    final Setting<Path> tokenFile;
    final Setting<ByteSize> largestModel = new Setting<>(
            "models.largest",
            SettingType.size(ByteSize.mebibytes(1), ByteSize.mebibytes(1 << 24)),
            "512GiB",
            "Largest model that is downloaded.");
    final Setting<EngineConfig.Kind> engineKind = new Setting<>(
            "engine.kind",
            SettingType.choice(EngineConfig.Kind.class),
            "llama",
            "What runs models; simulated answers with invented words at a set pace, for measurements.");
    final Setting<Integer> slots =
            new Setting<>("engine.slots", SettingType.number(1, 256), "4", "Most sequences that are decoded at once.");
    final Setting<Integer> contextTokens = new Setting<>(
            "engine.context",
            SettingType.autoOrNumber(64, 1 << 20),
            "auto",
            "Most tokens of prompt and answer of one request; auto = what the model was trained for, within reason.");
    final Setting<Integer> threads = new Setting<>(
            "engine.threads",
            SettingType.autoOrNumber(1, 1024),
            "auto",
            "Threads that compute; auto = found by a short probe.");
    final Setting<Duration> stepBudget = new Setting<>(
            "engine.step-budget",
            SettingType.duration(ofMillis(1), ofSeconds(10)),
            "100ms",
            "Time one scheduler step should take at most while others decode: smaller is smoother, larger is faster.");
    final Setting<Boolean> worker = new Setting<>(
            "engine.worker",
            SettingType.autoOrBool(),
            "auto",
            "Each model runs in a process of its own: a crash of native code ends that process, not the server; auto ="
                    + " yes, but not for simulated models.");
    final Setting<Boolean> shareCores = new Setting<>(
            "engine.share-cores",
            SettingType.bool(),
            "true",
            "Models in processes of their own use no more threads together than there are cores: those of others would"
                    + " be in the way of each step.");
    final Setting<Path> natives;
    final Setting<Integer> inFlight = new Setting<>(
            "limits.in-flight",
            SettingType.number(1, 100_000),
            "100",
            "Most requests that are with the engine at once.");
    final Setting<Integer> queue = new Setting<>(
            "limits.queue",
            SettingType.number(0, 100_000),
            "200",
            "Most requests that wait for one of these places; more get 429.");
    final Setting<Duration> queueTimeout = new Setting<>(
            "limits.queue-timeout",
            SettingType.duration(ofMillis(1), LONGEST),
            "30s",
            "Longest wait for a place; then 503.");
    final Setting<Integer> perKey = new Setting<>(
            "limits.per-key",
            SettingType.number(0, 100_000),
            "0",
            "Most requests of one client that are with the engine at once; 0 = no limit of its own.");
    final Setting<Integer> perModel = new Setting<>(
            "limits.per-model",
            SettingType.number(0, 100_000),
            "0",
            "Most requests for one model that are with the engine at once; 0 = no limit of its own.");
    final Setting<Integer> queueShare = new Setting<>(
            "limits.queue-share",
            SettingType.number(1, 100),
            "50",
            "Most of the queue that one client may fill, in percent; more of its requests get 429.");
    final Setting<ByteSize> body = new Setting<>(
            "limits.body",
            SettingType.size(new ByteSize(1024), ByteSize.mebibytes(1024)),
            "8MiB",
            "Largest request body; more gets 413.");
    final Setting<Duration> header = duration("timeouts.header", "10s", "For a request's head; then 408.");
    final Setting<Duration> connection =
            duration("timeouts.connection", "75s", "For a connection without a request; then it is closed.");
    final Setting<Duration> firstToken =
            duration("timeouts.first-token", "120s", "From the engine's acceptance to the first token; then 504.");
    final Setting<Duration> idle = duration("timeouts.idle", "60s", "Between two tokens of an answer.");
    final Setting<Duration> total = duration("timeouts.total", "10m", "From a request's arrival to its last byte.");
    final Setting<Duration> slowReader = duration(
            "timeouts.slow-reader", "30s", "For a client that takes nothing of its stream; then it is cut off.");
    final Setting<Duration> heartbeat =
            duration("timeouts.heartbeat", "15s", "Silence on a stream after which a comment is sent.");
    final Setting<Duration> drain = new Setting<>(
            "timeouts.drain",
            SettingType.duration(Duration.ZERO, LONGEST),
            "30s",
            "For running requests when the server is asked to stop.");
    final Setting<Duration> lameDuck = new Setting<>(
            "timeouts.lame-duck",
            SettingType.duration(Duration.ZERO, LONGEST),
            "0s",
            "New requests are still taken for this long after readiness went false, for balancers that look rarely.");
    final Setting<LogConfig.Format> logFormat =
            new Setting<>("log.format", SettingType.choice(LogConfig.Format.class), "text", "How log lines look.");
    final Setting<LogConfig.Requests> logRequests = new Setting<>(
            "log.requests",
            SettingType.choice(LogConfig.Requests.class),
            "all",
            "Which requests get their line in the log.");

    final GatewaySettings gateway = new GatewaySettings();
    final CacheSettings cache;

    private final List<Setting<?>> all;

    /// @param userHome what a leading `~/` stands for
    Settings(Path userHome) {
        cache = new CacheSettings(userHome);
        dataDirectory = new Setting<>(
                "data-dir",
                SettingType.path("a directory", userHome),
                "~/.millrace",
                "Where natives, models and caches are kept. `MILLRACE_HOME` sets it too.");
        natives = new Setting<>(
                "engine.natives",
                SettingType.path("auto or a directory", userHome),
                "auto",
                "Directory of llama.cpp's libraries; auto = obtained by Millrace.");
        tokenFile = new Setting<>(
                "models.token-file",
                SettingType.path("none or a file", userHome),
                "none",
                "File with a token for the hub, which alone it is sent to; none = no token.");
        all = inOrder();
    }

    private List<Setting<?>> inOrder() {
        List<Setting<?>> ordered = new ArrayList<>(List.of(
                host,
                port,
                allowedHosts,
                behindProxy,
                eventLoops,
                dataDirectory,
                model,
                keepAlive,
                memory,
                mostModels,
                loadOnDemand,
                loadTimeout,
                modelWait,
                pinned,
                changes,
                hub,
                downloadHosts,
                tokenFile,
                largestModel,
                engineKind,
                slots,
                contextTokens,
                threads,
                stepBudget,
                worker,
                shareCores,
                natives));
        ordered.addAll(ofServing());
        // Behind those of the same section, so that the file that is shown opens each section once.
        ordered.addAll(ordered.indexOf(drain), List.of(gateway.connect));
        ordered.addAll(
                ordered.indexOf(inFlight),
                gateway.all().stream()
                        .filter(setting -> !setting.equals(gateway.connect))
                        .toList());
        ordered.addAll(ordered.indexOf(inFlight), cache.all());
        return List.copyOf(ordered);
    }

    /// What the second half of the file is about.
    private List<Setting<?>> ofServing() {
        return List.of(
                inFlight,
                queue,
                queueTimeout,
                perKey,
                perModel,
                queueShare,
                body,
                header,
                connection,
                firstToken,
                idle,
                total,
                slowReader,
                heartbeat,
                drain,
                lameDuck,
                logFormat,
                logRequests);
    }

    List<Setting<?>> all() {
        return all;
    }

    private static Setting<Duration> duration(String key, String defaultText, String purpose) {
        return new Setting<>(key, SettingType.duration(ofMillis(1), LONGEST), defaultText, purpose);
    }
}
