package dev.millrace.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.core.time.NanoClock;
import dev.millrace.server.config.TimeoutConfig;
import dev.millrace.testing.upstream.Answer;
import dev.millrace.testing.upstream.Scene;
import dev.millrace.testing.upstream.ScriptedUpstream;
import dev.millrace.testing.upstream.SeenRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// One upstream of two does each of the things that upstreams do when they fail. Every request gets the whole answer,
/// or
/// one clean error within its time; never a part that looks whole, never a part twice.
final class FailoverIT {
    private static final String TEXT = "alpha beta gamma delta";
    private static final Answer WHOLE = Scene.answer(TEXT);
    /// Each event comes by itself: what comes together with the failure is not shown.
    private static final Answer PACED = WHOLE.pace(Duration.ofMillis(10));

    private static final int ROUNDS = 4;
    private static final Duration FIRST_TOKEN = Duration.ofMillis(700);
    private static final Duration IDLE = Duration.ofMillis(500);
    private static final Duration TOTAL = Duration.ofMillis(2_500);
    private static final Duration GRACE = Duration.ofMillis(1_500);
    private static final TimeoutConfig TIMEOUTS =
            TestTimeouts.with(t -> t.firstToken(FIRST_TOKEN).idle(IDLE).total(TOTAL));

    /// How a request must end that meets the failing upstream first.
    enum Must {
        /// The other upstream's answer, whole.
        BE_WHOLE,
        /// Nothing of the answer was shown, and the error says so.
        FAIL,
        /// A part was shown, then one error in the stream.
        BREAK_OFF,
        /// The same, unless the failure came in one piece with what would have been shown.
        BREAK_OFF_OR_BE_WHOLE
    }

    /// @param stream how a streamed request must end
    /// @param whole how the others must
    record Scenario(String name, Function<SeenRequest, Scene> script, Must stream, Must whole) {
        static Scenario whole(String name, Scene scene) {
            return new Scenario(name, seen -> scene, Must.BE_WHOLE, Must.BE_WHOLE);
        }

        @Override
        public String toString() {
            return name;
        }
    }

    static Stream<Scenario> scenarios() {
        return Stream.of(
                        Stream.of(
                                Scenario.whole("01 reset before the head", Scene.resetBeforeHeaders()),
                                Scenario.whole("02 closed before the head", Scene.closeBeforeHeaders()),
                                Scenario.whole("03 429 without a time", refusal(429)),
                                Scenario.whole("04 429 with a time", refusal(429, "Retry-After", "7")),
                                Scenario.whole("05 503 without a time", refusal(503)),
                                Scenario.whole("06 503 with a time", refusal(503, "retry-after-ms", "700")),
                                Scenario.whole("07 500", refusal(500)),
                                Scenario.whole("07 llama-server that loads", Scene.llamaServerLoading()),
                                new Scenario("08 hangs", seen -> Scene.hang(), Must.FAIL, Must.FAIL),
                                new Scenario(
                                        "09 first token too late",
                                        seen -> WHOLE.firstTokenAfter(TOTAL.multipliedBy(2)),
                                        Must.FAIL,
                                        Must.FAIL),
                                Scenario.whole("09 first token late", WHOLE.firstTokenAfter(FIRST_TOKEN.dividedBy(3))),
                                Scenario.whole("13 another model", WHOLE.wrongModel("other")),
                                Scenario.whole("14 the model is not there", Scene.vllmNotFound("small")),
                                Scenario.whole("15 a page", Scene.html()),
                                Scenario.whole("15 nothing", Scene.emptyBody()),
                                new Scenario(
                                        "16 every second one",
                                        seen -> seen.index() % 2 == 0 ? refusal(500) : WHOLE,
                                        Must.BE_WHOLE,
                                        Must.BE_WHOLE)),
                        Stream.of(10, 11, 12, 17, 18).flatMap(FailoverIT::atEachEvent),
                        Stream.of(0, 1, 40, 200).flatMap(FailoverIT::wholeCut))
                .flatMap(all -> all);
    }

    private static Scene refusal(int status, String... headers) {
        return Scene.error(status, "some_error", "some_code", "internal detail of the upstream", headers);
    }

    /// Events: the role, four words, why it ended, usage. What has content is shown from the second on, and from the
    /// sixth
    /// on nothing is missing that the client has to have.
    private static Stream<Scenario> atEachEvent(int kind) {
        return Stream.of(0, 1, 2, 3, 4, 5).map(events -> {
            Must must = events < 2 ? Must.BE_WHOLE : Must.BREAK_OFF;
            Scene scene = switch (kind) {
                case 10 -> PACED.cutAfterEvents(events);
                case 11 -> PACED.resetAfterEvents(events);
                case 12 -> PACED.malformedEvent(events);
                case 17 -> PACED.errorEvent(events);
                default -> PACED.stallAfterEvents(events);
            };
            boolean together = (kind == 12 || kind == 17) && must == Must.BREAK_OFF;
            boolean silent = kind == 18 && events < 2;
            return new Scenario(
                    kind + " after " + events + " events",
                    seen -> seen.stream() ? scene : WHOLE,
                    silent ? Must.FAIL : together ? Must.BREAK_OFF_OR_BE_WHOLE : must,
                    Must.BE_WHOLE);
        });
    }

    private static Stream<Scenario> wholeCut(int bytes) {
        return Stream.of(WHOLE.wholeCutAfterBytes(bytes), WHOLE.wholeResetAfterBytes(bytes))
                .map(scene -> new Scenario(
                        "19 body ends after " + bytes + " bytes",
                        seen -> seen.stream() ? WHOLE : scene,
                        Must.BE_WHOLE,
                        Must.BE_WHOLE));
    }

    @ParameterizedTest
    @MethodSource("scenarios")
    void everyRequestIsAnsweredWholeOrEndsCleanly(Scenario scenario) throws Exception {
        try (var failing = ScriptedUpstream.start().models("small");
                var well = ScriptedUpstream.start().models("small").always(WHOLE)) {
            failing.script(scenario.script());
            try (TestServer gateway = TestServer.gateway(
                    TIMEOUTS,
                    TestUpstreams.of(TestUpstreams.POOL, TestUpstreams.onPorts(failing.port(), well.port())))) {
                gateway.await(() -> gateway.server().upstreams().fleet().statuses().stream()
                                .filter(endpoint -> endpoint.models().contains("small"))
                                .count()
                        == 2);
                for (int round = 0; round < ROUNDS; round++) {
                    check(gateway, failing, true, scenario.stream());
                    check(gateway, failing, false, scenario.whole());
                }
                assertThat(failing.count())
                        .as("requests that met the failing upstream")
                        .isPositive();
                gateway.awaitIdle();
                assertThat(gateway.server().upstreams().fleet().statuses())
                        .allMatch(endpoint -> endpoint.inFlight() == 0);
            }
        }
    }

    private static void check(TestServer gateway, ScriptedUpstream failing, boolean stream, Must must)
            throws Exception {
        int before = failing.count();
        long startNanos = NanoClock.SYSTEM.nanoTime();
        HttpResponse<String> answer =
                gateway.post("/v1/chat/completions", TestServer.chat("small", "\"stream\":" + stream));
        Duration took = Duration.ofNanos(NanoClock.SYSTEM.nanoTime() - startNanos);
        boolean met = failing.count() > before;

        assertThat(took).isLessThan(TOTAL.plus(GRACE));
        switch (met ? must : Must.BE_WHOLE) {
            case BE_WHOLE -> assertWhole(answer, stream);
            case FAIL -> {
                assertThat(answer.statusCode()).isBetween(500, 599);
                assertThat(answer.body()).startsWith("{\"error\":{").doesNotContain("internal detail");
            }
            case BREAK_OFF -> assertBrokenOff(answer);
            case BREAK_OFF_OR_BE_WHOLE -> {
                if (answer.body().endsWith("data: [DONE]\n\n")) {
                    assertWhole(answer, stream);
                } else {
                    assertBrokenOff(answer);
                }
            }
        }
    }

    private static void assertWhole(HttpResponse<String> answer, boolean stream) {
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        assertThat(stream ? text(answer.body()) : answer.body()).contains(TEXT);
        assertThat(answer.body()).contains("\"finish_reason\":\"stop\"").doesNotContain("\"error\"");
        if (stream) {
            assertThat(text(answer.body())).isEqualTo(TEXT);
            assertThat(answer.body()).endsWith("data: [DONE]\n\n");
        }
    }

    private static void assertBrokenOff(HttpResponse<String> answer) {
        assertThat(answer.statusCode()).isEqualTo(200);
        List<String> events = List.of(answer.body().split("\n\n"));
        assertThat(events.getLast()).startsWith("data: {\"error\":{").doesNotContain("internal detail");
        assertThat(events.subList(0, events.size() - 1)).noneMatch(event -> event.contains("\"error\""));
        assertThat(answer.body()).doesNotContain("[DONE]");
        assertThat(TEXT).startsWith(text(answer.body()));
    }

    /// The contents of all events, joined.
    private static String text(String stream) {
        var text = new StringBuilder();
        var content =
                java.util.regex.Pattern.compile("\"content\":\"([^\"]*)\"").matcher(stream);
        while (content.find()) {
            text.append(content.group(1));
        }
        return text.toString();
    }
}
