package dev.millrace.server.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.core.ByteSize;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ConfigLoaderTest {
    private static final Path HOME = Path.of("/home/someone");

    @Test
    void nothingGivenMeansTheDefaults() throws ConfigException {
        MillraceConfig config = load(Map.of(), Map.of()).config();

        assertThat(config.server()).isEqualTo(new ServerConfig("127.0.0.1", 8000, List.of(), false, 0));
        assertThat(config.dataDirectory()).isEqualTo(HOME.resolve(".millrace"));
        assertThat(config.model()).isEqualTo("millrace-demo");
        assertThat(config.engine())
                .isEqualTo(
                        new EngineConfig(EngineConfig.Kind.LLAMA, 4, 0, 0, Duration.ofMillis(100), true, true, null));
        assertThat(config.limits())
                .isEqualTo(new LimitsConfig(100, 200, Duration.ofSeconds(30), ByteSize.mebibytes(8)));
        assertThat(config.timeouts().firstToken()).isEqualTo(Duration.ofMinutes(2));
        assertThat(config.timeouts().total()).isEqualTo(Duration.ofMinutes(10));
    }

    @Test
    void simulatedModelsGetAWorkerOnlyIfAskedFor() throws ConfigException {
        Map<String, String> simulated = Map.of("engine.kind", "simulated");
        Map<String, String> inWorkers = Map.of("engine.kind", "simulated", "engine.worker", "true");
        Map<String, String> inside = Map.of("engine.worker", "false");

        assertThat(load(Map.of(), simulated).config().engine().worker()).isFalse();
        assertThat(load(Map.of(), inWorkers).config().engine().worker()).isTrue();
        assertThat(load(Map.of(), inside).config().engine().worker()).isFalse();
    }

    @Test
    void flagsWinOverTheEnvironment() throws ConfigException {
        var loaded = load(
                Map.of("MILLRACE_SERVER_PORT", "9001", "MILLRACE_LIMITS_IN_FLIGHT", "7", "PATH", "x"),
                Map.of("server.port", "9002"));

        assertThat(loaded.config().server().port()).isEqualTo(9002);
        assertThat(loaded.config().limits().inFlight()).isEqualTo(7);
        assertThat(loaded.render())
                .contains("  port: 9002                            # --server.port")
                .contains("# MILLRACE_LIMITS_IN_FLIGHT")
                .contains("  queue: 200                            # default");
    }

    @Test
    void homeVariableSetsTheDataDirectory() throws ConfigException {
        assertThat(load(Map.of("MILLRACE_HOME", "/srv/millrace"), Map.of())
                        .config()
                        .dataDirectory())
                .isEqualTo(Path.of("/srv/millrace"));
    }

    @Test
    void unknownVariableIsRefusedWithASuggestion() {
        assertThatThrownBy(() -> load(Map.of("MILLRACE_SERVER_PROT", "1"), Map.of()))
                .hasMessage("MILLRACE_SERVER_PROT: unknown variable (did you mean MILLRACE_SERVER_PORT?)");
    }

    @Test
    void unknownKeyIsRefusedWithASuggestion() {
        assertThatThrownBy(() -> load(Map.of(), Map.of("limits.inflight", "1")))
                .hasMessage("--limits.inflight: unknown key limits.inflight (did you mean limits.in-flight?)");
    }

    @Test
    void everyWrongValueIsNamedWithWhatIsExpected() {
        assertThatThrownBy(() -> load(
                        Map.of("MILLRACE_SERVER_PORT", "70000"),
                        Map.of("limits.body", "8MB", "timeouts.idle", "1 minute", "engine.kind", "vllm")))
                .isInstanceOfSatisfying(
                        ConfigException.class,
                        e -> assertThat(e.problems())
                                .containsExactlyInAnyOrder(
                                        "MILLRACE_SERVER_PORT: server.port: 70000 (expected: 0..65535)",
                                        "--limits.body: limits.body: 8MB (expected: 1KiB..1GiB, as 512KiB, 8MiB or 1GiB)",
                                        "--timeouts.idle: timeouts.idle: 1 minute (expected: 1ms..24h, as 100ms, 30s, 10m or"
                                                + " 1h)",
                                        "--engine.kind: engine.kind: vllm (expected: llama or simulated)"));
    }

    @Test
    void nonLoopbackAddressNeedsAProxy() throws ConfigException {
        assertThatThrownBy(() -> load(Map.of(), Map.of("server.host", "0.0.0.0")))
                .hasMessageContaining("not a loopback address");

        var behindProxy = load(
                Map.of(),
                Map.of("server.host", "0.0.0.0", "server.behind-proxy", "true", "server.allowed-hosts", "llm.example"));
        assertThat(behindProxy.config().server().allowedHosts()).containsExactly("llm.example");
    }

    @Test
    void contradictionsAreRefused() {
        assertThatThrownBy(() -> load(Map.of(), Map.of("timeouts.idle", "1h")))
                .hasMessage("timeouts.idle: 1h (expected: at most timeouts.total, which is 10m)");
    }

    private static LoadedConfig load(Map<String, String> environment, Map<String, String> flags)
            throws ConfigException {
        return ConfigLoader.load(new ConfigSources(null, environment, flags, HOME));
    }
}
