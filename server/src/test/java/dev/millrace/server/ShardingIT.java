package dev.millrace.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.server.config.GatewayConfig;
import dev.millrace.testing.upstream.Scene;
import dev.millrace.testing.upstream.ScriptedUpstream;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// Models spread over instances: each has its own place, and only what must move does.
final class ShardingIT {
    private static final String[] MODELS =
            IntStream.range(0, 30).mapToObj(i -> "model-" + i).toArray(String[]::new);

    private final List<ScriptedUpstream> instances = new ArrayList<>();
    private final TestServer gateway;

    ShardingIT() {
        for (int i = 0; i < 3; i++) {
            instances.add(ScriptedUpstream.start().models(MODELS).always(Scene.answer("one two")));
        }
        GatewayConfig usual = TestUpstreams.of(
                TestUpstreams.POOL,
                TestUpstreams.onPorts(instances.stream()
                        .mapToInt(ScriptedUpstream::port)
                        .toArray()));
        gateway = TestServer.gateway(
                TestServer.TIMEOUTS,
                new GatewayConfig(
                        usual.upstreams(),
                        GatewayConfig.Policy.LEAST_LOAD,
                        1,
                        usual.attempts(),
                        usual.retryBudget(),
                        usual.probeInterval(),
                        usual.probeTimeout(),
                        usual.stallAfter(),
                        usual.pool()));
        gateway.await(() -> offering() == 3);
    }

    private long offering() {
        return gateway.server().upstreams().fleet().statuses().stream()
                .filter(endpoint -> endpoint.models().size() == MODELS.length)
                .count();
    }

    @AfterEach
    void close() {
        gateway.close();
        instances.forEach(ScriptedUpstream::close);
    }

    /// Who answers for each model.
    private Map<String, String> places() throws Exception {
        Map<String, String> places = new HashMap<>();
        for (String model : MODELS) {
            HttpResponse<String> answer = gateway.post("/v1/chat/completions", TestServer.chat(model));
            assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
            assertThat(answer.body()).contains("\"model\":\"" + model + "\"");
            places.put(model, answer.headers().firstValue("x-millrace-backend").orElseThrow());
        }
        return places;
    }

    @Test
    void whenAnInstanceLeavesAndReturnsUnderLoadOnlyItsShareMovesAndNoRequestFails() throws Exception {
        Map<String, String> before = places();
        assertThat(before.values()).contains("a", "b", "c");
        assertThat(places()).isEqualTo(before);
        AtomicBoolean over = new AtomicBoolean();
        AtomicInteger answered = new AtomicInteger();
        AtomicInteger failed = new AtomicInteger();
        try (ExecutorService clients = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<?>> load = new ArrayList<>();
            for (int client = 0; client < 8; client++) {
                int first = client;
                load.add(clients.submit(() -> {
                    for (int i = first; !over.get(); i++) {
                        boolean well = gateway.post("/v1/chat/completions", TestServer.chat(MODELS[i % MODELS.length]))
                                        .statusCode()
                                == 200;
                        (well ? answered : failed).incrementAndGet();
                    }
                    return null;
                }));
            }
            gateway.await(() -> answered.get() > 200);

            ScriptedUpstream leaving = instances.get(1);
            leaving.down();
            leaving.closeConnections();
            gateway.await(() -> gateway.server().upstreams().fleet().statuses().stream()
                    .anyMatch(one -> one.consecutiveFailures() > 0 || one.ejections() > 0));
            int then = answered.get();
            gateway.await(() -> answered.get() > then + 200);
            Map<String, String> without = places();

            before.forEach((model, place) -> {
                if (place.equals("b")) {
                    assertThat(without.get(model)).isNotEqualTo("b");
                } else {
                    assertThat(without.get(model)).as(model).isEqualTo(place);
                }
            });

            leaving.up();
            gateway.await(() -> isBack());
            gateway.await(() -> placesQuietly().equals(before));
            over.set(true);
            for (Future<?> one : load) {
                one.get();
            }
        }
        assertThat(failed.get()).isZero();
        assertThat(answered.get()).isGreaterThan(400);
    }

    private boolean isBack() {
        return gateway.server().upstreams().fleet().statuses().stream()
                .noneMatch(one -> one.state() == dev.millrace.gateway.fleet.EndpointStatus.State.EJECTED);
    }

    private Map<String, String> placesQuietly() {
        try {
            return places();
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void anInstanceThatDoesNotHoldTheModelSaysSoAndIsCorrectedOnce() throws Exception {
        Map<String, String> places = places();
        String model = MODELS[0];
        int index = java.util.Objects.requireNonNull(places.get(model)).charAt(0) - 'a';
        ScriptedUpstream wrong = instances.get(index);
        int before = wrong.count();
        wrong.always(Scene.vllmNotFound(model));

        HttpResponse<String> answer = gateway.post("/v1/chat/completions", TestServer.chat(model));

        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.body()).contains("\"model\":\"" + model + "\"");
        assertThat(answer.headers().firstValue("x-millrace-attempts")).contains("2");
        assertThat(wrong.count()).isEqualTo(before + 1);
    }

    @Test
    void aMillraceWithoutTheModelAnswersWrongInstanceToAGatewayAndNotFoundToAClient() throws Exception {
        try (TestServer millrace = TestServer.with(new FakeEngine("here"))) {
            HttpResponse<String> client = millrace.post("/v1/chat/completions", TestServer.chat("elsewhere"));
            HttpResponse<String> hop = millrace.post(
                    "/v1/chat/completions", TestServer.chat("elsewhere"), "x-millrace-hops", "1");

            assertThat(client.statusCode()).isEqualTo(404);
            assertThat(hop.statusCode()).isEqualTo(421);
            assertThat(hop.body()).contains("wrong_instance");
        }
    }
}
