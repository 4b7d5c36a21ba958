package dev.millrace.server.config;

import static dev.millrace.server.config.YamlDocuments.at;
import static dev.millrace.server.config.YamlDocuments.has;
import static dev.millrace.server.config.YamlDocuments.text;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The files of `deploy/`: settings that Millrace accepts, and times that fit to each other. `deploy/check.sh` asks the
/// programs that read the rest.
class DeployFilesIT {
    private static final Path DEPLOY = Path.of("..", "deploy");
    private static final Set<String> WORKLOADS = Set.of("Deployment", "StatefulSet");
    private static final Duration LAST_WORDS = Duration.ofSeconds(1);
    private static final Duration A_LITTLE = Duration.ofSeconds(5);

    @TempDir
    private Path directory = Path.of(".");

    @Test
    void everyYamlIsWellFormed() throws IOException {
        List<Path> files = yamlFiles();

        assertThat(files).hasSizeGreaterThan(6);
        for (Path file : files) {
            assertThat(YamlDocuments.read(file)).as(file.toString()).isNotEmpty();
        }
    }

    @Test
    void settingsAreAccepted() throws Exception {
        assertThat(settingsFiles()).hasSize(3);
        for (Path file : settingsFiles()) {
            load(file);
        }
        for (Object document : kubernetes()) {
            if (text(document, "kind").equals("ConfigMap")) {
                embedded(document);
            }
        }
    }

    @Test
    void gatewaysHaveAConnectionForEachRequest() throws Exception {
        for (MillraceConfig config : List.of(
                load(DEPLOY.resolve("compose/gateway.yaml")), embedded(document("ConfigMap", "millrace-gateway")))) {
            assertThat(config.hasLocalModels()).isFalse();
            assertThat(config.gateway().pool().size())
                    .isGreaterThanOrEqualTo(config.limits().inFlight());
        }
    }

    @Test
    void kubernetesDocumentsSayWhatTheyAre() throws IOException {
        List<Object> documents = kubernetes();

        assertThat(documents).hasSize(12);
        for (Object document : documents) {
            assertThat(text(document, "apiVersion")).matches("([a-z0-9.]+/)?v\\d+");
            assertThat(text(document, "metadata/name")).startsWith("millrace");
            assertThat(has(at(document, "metadata"), "namespace"))
                    .as("a namespace is for who applies it")
                    .isFalse();
        }
    }

    @Test
    void podsAreLookedAtWhereHealthIs() throws IOException {
        for (Object workload : workloads()) {
            Object container = at(workload, "spec/template/spec/containers/0");
            assertThat(text(container, "startupProbe/httpGet/path")).isEqualTo("/health/live");
            assertThat(text(container, "livenessProbe/httpGet/path")).isEqualTo("/health/live");
            assertThat(text(container, "readinessProbe/httpGet/path")).isEqualTo("/health/ready");
            assertThat(text(container, "ports/0/containerPort")).isEqualTo("8000");
        }
    }

    @Test
    void podsHaveNoRightsAndNoVariablesOfServices() throws IOException {
        for (Object workload : workloads()) {
            Object pod = at(workload, "spec/template/spec");
            assertThat(text(pod, "enableServiceLinks")).isEqualTo("false");
            assertThat(text(pod, "automountServiceAccountToken")).isEqualTo("false");
            assertThat(text(pod, "securityContext/runAsNonRoot")).isEqualTo("true");
            Object rights = at(pod, "containers/0/securityContext");
            assertThat(text(rights, "readOnlyRootFilesystem")).isEqualTo("true");
            assertThat(text(rights, "allowPrivilegeEscalation")).isEqualTo("false");
            assertThat(text(rights, "capabilities/drop")).isEqualTo("[ALL]");
        }
    }

    @Test
    void podsHaveTimeToStop() throws Exception {
        for (Object workload : workloads()) {
            Object pod = at(workload, "spec/template/spec");
            MillraceConfig config = embedded(document("ConfigMap", text(pod, "volumes/0/configMap/name")));

            assertThat(Duration.ofSeconds(Long.parseLong(text(pod, "terminationGracePeriodSeconds"))))
                    .isGreaterThan(longestStop(config));
            Object ready = at(pod, "containers/0/readinessProbe");
            assertThat(config.timeouts().lameDuck()).isGreaterThan(timeToSee(ready));
        }
    }

    private static Duration timeToSee(Object probe) {
        return Duration.ofSeconds(
                        Long.parseLong(text(probe, "periodSeconds")) * Long.parseLong(text(probe, "failureThreshold")))
                .plus(A_LITTLE);
    }

    @Test
    void selectorsFindWhatTheyAreFor() throws IOException {
        for (Object workload : workloads()) {
            Object labels = at(workload, "spec/template/metadata/labels");
            String name = text(workload, "metadata/name");
            assertThat(at(workload, "spec/selector/matchLabels")).isEqualTo(labels);
            assertThat(at(document("PodDisruptionBudget", name), "spec/selector/matchLabels"))
                    .isEqualTo(labels);
            assertThat(at(document("NetworkPolicy", name), "spec/podSelector/matchLabels"))
                    .isEqualTo(labels);
            Object scaler = document("HorizontalPodAutoscaler", name);
            assertThat(text(scaler, "spec/scaleTargetRef/kind")).isEqualTo(text(workload, "kind"));
            assertThat(text(scaler, "spec/metrics/0/pods/metric/name")).isEqualTo("millrace_requests_queued");
            assertThat(has(at(workload, "spec"), "replicas"))
                    .as("the autoscaler's number would be overwritten")
                    .isFalse();
        }
        String service = text(document("StatefulSet", "millrace-models"), "spec/serviceName");
        assertThat(text(document("Service", service), "spec/clusterIP")).isEqualTo("None");
    }

    @Test
    void containersAndServicesHaveTimeToStop() throws Exception {
        Object compose =
                YamlDocuments.read(DEPLOY.resolve("compose/compose.yaml")).getFirst();
        Duration grace = duration(text(compose, "x-millrace/stop_grace_period"));
        for (String name : List.of("gateway.yaml", "models.yaml")) {
            assertThat(grace)
                    .isGreaterThan(longestStop(load(DEPLOY.resolve("compose").resolve(name))));
        }

        String unit = Files.readString(DEPLOY.resolve("systemd/millrace.service"));
        assertThat(duration(found(unit, "TimeoutStopSec=(\\d+)") + "s"))
                .isGreaterThan(longestStop(load(DEPLOY.resolve("systemd/millrace.yaml"))));
        assertThat(unit).contains("KillMode=mixed", "KillSignal=SIGTERM", "OOMPolicy=continue");
    }

    @Test
    void proxiesAreMorePatientThanMillrace() throws Exception {
        String haproxy = Files.readString(DEPLOY.resolve("haproxy/haproxy.cfg"));
        String nginx = Files.readString(DEPLOY.resolve("nginx/nginx.conf"));
        TimeoutConfig timeouts = load(DEPLOY.resolve("compose/gateway.yaml")).timeouts();

        assertThat(List.of(
                        found(haproxy, "timeout server (\\w+)"),
                        found(haproxy, "timeout client (\\w+)"),
                        found(nginx, "proxy_read_timeout (\\w+);")))
                .allMatch(time -> duration(time).compareTo(timeouts.total()) > 0);
        assertThat(duration(found(nginx, "keepalive_timeout (\\w+);"))).isLessThan(timeouts.connection());
        assertThat(nginx).contains("proxy_buffering off;");
        assertThat(haproxy).contains("option http-no-delay", "uri /health/ready");
        long looks = Long.parseLong(found(haproxy, "fall (\\d+)"));
        assertThat(timeouts.lameDuck())
                .isGreaterThan(duration(found(haproxy, " inter (\\w+)")).multipliedBy(looks + 1));
    }

    // --- Reading

    private static List<Path> yamlFiles() throws IOException {
        try (Stream<Path> all = Files.walk(DEPLOY)) {
            return all.filter(file -> file.toString().endsWith(".yaml"))
                    .sorted()
                    .toList();
        }
    }

    private static List<Path> settingsFiles() throws IOException {
        return yamlFiles().stream()
                .filter(file -> !file.toString().contains("kubernetes") && !file.endsWith("compose.yaml"))
                .toList();
    }

    private static List<Object> kubernetes() throws IOException {
        List<Object> all = new java.util.ArrayList<>();
        for (Path file : yamlFiles()) {
            if (file.toString().contains("kubernetes") && !file.endsWith("kustomization.yaml")) {
                all.addAll(YamlDocuments.read(file));
            }
        }
        return all;
    }

    private static List<Object> workloads() throws IOException {
        List<Object> workloads = kubernetes().stream()
                .filter(document -> WORKLOADS.contains(text(document, "kind")))
                .toList();
        assertThat(workloads).hasSize(2);
        return workloads;
    }

    private static Object document(String kind, String name) throws IOException {
        return kubernetes().stream()
                .filter(one -> text(one, "kind").equals(kind)
                        && text(one, "metadata/name").equals(name))
                .findFirst()
                .orElseThrow(() -> new AssertionError("no " + kind + " " + name));
    }

    private MillraceConfig embedded(Object configMap) throws Exception {
        Path file = directory.resolve("millrace.yaml");
        Files.writeString(file, text(configMap, "data/millrace.yaml"));
        return load(file);
    }

    private static MillraceConfig load(Path file) throws ConfigException {
        return ConfigLoader.load(new ConfigSources(file, Map.of(), Map.of(), Path.of("/home/someone")))
                .config();
    }

    private static Duration longestStop(MillraceConfig config) {
        return config.timeouts().lameDuck().plus(config.timeouts().drain()).plus(LAST_WORDS);
    }

    private static String found(String text, String pattern) {
        Matcher matcher = Pattern.compile(pattern).matcher(text);
        assertThat(matcher.find()).as(pattern).isTrue();
        return matcher.group(1);
    }

    private static Duration duration(String text) {
        long number = Long.parseLong(text.replaceAll("\\D", ""));
        return text.endsWith("m") ? Duration.ofMinutes(number) : Duration.ofSeconds(number);
    }
}
