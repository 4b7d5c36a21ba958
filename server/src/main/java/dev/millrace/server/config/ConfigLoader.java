package dev.millrace.server.config;

import dev.millrace.core.ByteSize;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/// Reads, merges and checks the configuration. *Confined to one thread.*
///
/// ```java
/// LoadedConfig loaded = ConfigLoader.load(ConfigSources.ofProcess(file, flags));
/// MillraceServer.start(loaded.config(), provider);
/// ```
public final class ConfigLoader {
    private static final String HOME_VARIABLE = "MILLRACE_HOME";

    /// Read by the launcher script or by the loader itself; not keys.
    private static final Set<String> OTHER_VARIABLES = Set.of(
            HOME_VARIABLE,
            ConfigSources.FILE_VARIABLE,
            "MILLRACE_JAVA_HOME",
            "MILLRACE_JAVA_OPTS",
            "MILLRACE_WORKER_JAVA_OPTS");

    private final ConfigSources sources;
    private final Settings settings;
    private final Map<String, Setting<?>> byKey = new TreeMap<>();
    private final Map<String, GivenValue> values = new HashMap<>();
    private final List<String> problems = new ArrayList<>();
    private final UpstreamKeys upstreams;

    private ConfigLoader(ConfigSources sources) {
        this.sources = sources;
        settings = new Settings(sources.userHome());
        upstreams = new UpstreamKeys(sources.userHome(), problems);
        settings.all().forEach(setting -> byKey.put(setting.key(), setting));
    }

    /// The effective configuration.
    ///
    /// @throws ConfigException with everything that is wrong
    public static LoadedConfig load(ConfigSources sources) throws ConfigException {
        return new ConfigLoader(sources).load();
    }

    private LoadedConfig load() throws ConfigException {
        byKey.values()
                .forEach(setting -> values.put(
                        setting.key(), new GivenValue(setting.key(), setting.defaultText(), GivenValue.DEFAULT_PLACE)));
        takeFile();
        takeEnvironment();
        sources.flags().forEach((key, text) -> take(new GivenValue(key, text, "--" + key)));
        failIfAny();
        MillraceConfig config = config();
        failIfAny();
        problems.addAll(ConfigRules.violations(config));
        failIfAny();
        return new LoadedConfig(config, List.copyOf(ordered()));
    }

    private List<GivenValue> ordered() {
        List<GivenValue> ordered = new ArrayList<>();
        settings.all().forEach(setting -> ordered.add(valueOf(setting)));
        ordered.addAll(upstreams.values());
        return ordered;
    }

    private void failIfAny() throws ConfigException {
        if (!problems.isEmpty()) {
            throw new ConfigException(problems);
        }
    }

    private void takeFile() {
        if (sources.file() != null) {
            Set<String> seen = new java.util.HashSet<>();
            for (GivenValue value : YamlFile.read(sources.file(), problems)) {
                if (!seen.add(value.key())) {
                    problems.add(value.place() + ": " + value.key() + ": given twice");
                }
                take(value);
            }
        }
    }

    private void takeEnvironment() {
        Map<String, String> keyByVariable = new TreeMap<>();
        byKey.values().forEach(setting -> keyByVariable.put(setting.envName(), setting.key()));
        String home = sources.environment().get(HOME_VARIABLE);
        if (home != null) {
            take(new GivenValue(settings.dataDirectory.key(), home, HOME_VARIABLE));
        }
        new TreeMap<>(sources.environment()).forEach((name, text) -> {
            String key = keyByVariable.get(name);
            if (key != null) {
                take(new GivenValue(key, text, name));
            } else if (name.startsWith(Setting.ENV_PREFIX) && !OTHER_VARIABLES.contains(name)) {
                problems.add(name + ": unknown variable" + Spelling.hint(name, keyByVariable.keySet()));
            }
        });
    }

    private void take(GivenValue value) {
        if (byKey.containsKey(value.key())) {
            values.put(value.key(), value);
        } else if (value.key().startsWith(UpstreamKeys.PREFIX)) {
            upstreams.take(value);
        } else {
            problems.add(value.place() + ": unknown key " + value.key() + Spelling.hint(value.key(), byKey.keySet()));
        }
    }

    private GivenValue valueOf(Setting<?> setting) {
        GivenValue value = values.get(setting.key());
        if (value == null) {
            throw new IllegalStateException("no value for " + setting.key());
        }
        return value;
    }

    private <T> T read(Setting<T> setting) {
        GivenValue value = valueOf(setting);
        String text = value.text().equals("[]") ? "" : value.text();
        try {
            return setting.type().parser().apply(text);
        } catch (IllegalArgumentException | ArithmeticException e) {
            problems.add(value.place() + ": " + setting.key() + ": " + value.text() + " (expected: "
                    + setting.type().expectation() + ")");
            // Something of the right type, so that the other settings are looked at too; never used.
            return setting.type().parser().apply(setting.defaultText().equals("[]") ? "" : setting.defaultText());
        }
    }

    private MillraceConfig config() {
        return new MillraceConfig(
                new ServerConfig(
                        read(settings.host),
                        read(settings.port),
                        read(settings.allowedHosts),
                        read(settings.behindProxy),
                        read(settings.eventLoops)),
                read(settings.dataDirectory),
                read(settings.model),
                models(),
                engine(),
                gateway(),
                cache(),
                new LimitsConfig(
                        read(settings.inFlight),
                        read(settings.queue),
                        read(settings.queueTimeout),
                        read(settings.body),
                        read(settings.perKey),
                        read(settings.perModel),
                        read(settings.queueShare)),
                timeouts(),
                new LogConfig(read(settings.logFormat), read(settings.logRequests)));
    }

    private ModelsConfig models() {
        boolean anyMemory = valueOf(settings.memory).text().equals("auto");
        return new ModelsConfig(
                read(settings.keepAlive),
                anyMemory ? new ByteSize(0) : read(settings.memory),
                read(settings.mostModels),
                read(settings.loadOnDemand),
                read(settings.loadTimeout),
                read(settings.modelWait),
                read(settings.pinned),
                store());
    }

    private StoreConfig store() {
        boolean hasToken = !valueOf(settings.tokenFile).text().equals("none");
        return new StoreConfig(
                read(settings.changes),
                read(settings.hub),
                read(settings.downloadHosts),
                hasToken ? read(settings.tokenFile) : null,
                read(settings.largestModel));
    }

    private EngineConfig engine() {
        boolean ownNatives = !valueOf(settings.natives).text().equals("auto");
        EngineConfig.Kind kind = read(settings.engineKind);
        boolean anyPlace = valueOf(settings.worker).text().equals("auto");
        return new EngineConfig(
                kind,
                read(settings.slots),
                read(settings.contextTokens),
                read(settings.threads),
                read(settings.stepBudget),
                anyPlace ? kind == EngineConfig.Kind.LLAMA : read(settings.worker),
                read(settings.shareCores),
                ownNatives ? read(settings.natives) : null);
    }

    private GatewayConfig gateway() {
        GatewaySettings keys = settings.gateway;
        return new GatewayConfig(
                upstreams.upstreams(valueOf(keys.upstreams), read(keys.upstreams)),
                read(keys.policy),
                read(keys.replicas),
                read(keys.attempts),
                read(keys.retryBudget),
                read(keys.probeInterval),
                read(keys.probeTimeout),
                read(keys.stallAfter),
                new GatewayConfig.PoolConfig(
                        read(keys.poolSize),
                        read(keys.poolReady),
                        read(keys.poolAcquire),
                        read(keys.poolIdle),
                        read(keys.poolAge),
                        read(keys.connect)));
    }

    private CacheConfig cache() {
        CacheSettings keys = settings.cache;
        boolean isShared = isGiven(keys.redis);
        CacheConfig.SharedCacheConfig shared = new CacheConfig.SharedCacheConfig(
                read(keys.redis),
                isGiven(keys.redisPasswordFile) ? read(keys.redisPasswordFile) : null,
                isGiven(keys.secretFile) ? read(keys.secretFile) : null);
        return new CacheConfig(
                read(keys.mode),
                read(keys.size),
                read(keys.ttl),
                read(keys.stale),
                read(keys.largest),
                isShared ? shared : null);
    }

    private boolean isGiven(Setting<?> setting) {
        return !valueOf(setting).text().equals("none");
    }

    private TimeoutConfig timeouts() {
        return new TimeoutConfig(
                read(settings.header),
                read(settings.connection),
                read(settings.firstToken),
                read(settings.idle),
                read(settings.total),
                read(settings.slowReader),
                read(settings.heartbeat),
                read(settings.drain),
                read(settings.lameDuck));
    }
}
