package dev.millrace.testing.upstream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.testing.http.RawHttp;
import dev.millrace.testing.http.RawHttp.Ending;
import dev.millrace.testing.http.RawHttp.Rest;
import java.io.EOFException;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Failures as a client meets them, and clients that leave.
@Timeout(30)
class ScriptedFailuresIT {
    private static final String CHAT = "/v1/chat/completions";
    private static final Duration SOON = Duration.ofSeconds(5);

    private final ScriptedUpstream upstream = ScriptedUpstream.start();

    @AfterEach
    void stop() {
        upstream.close();
    }

    @Test
    void failuresBeforeTheHeadersAreAResetACloseAndSilence() throws IOException {
        assertThat(restOf(Scene.resetBeforeHeaders(), Bodies.whole("x"))).isEqualTo(new Rest("", Ending.RESET));
        assertThat(restOf(Scene.closeBeforeHeaders(), Bodies.whole("x"))).isEqualTo(new Rest("", Ending.FIN));
        upstream.always(Scene.hang());
        try (RawHttp client = RawHttp.connect(upstream.port())) {
            assertThat(client.post(CHAT, Bodies.whole("x")).silentFor(20)).isTrue();
        }
        assertThat(upstream.awaitClientGone(SOON).index()).isEqualTo(2);
    }

    @Test
    void streamsBreakOffByACloseOrAResetBehindTheirEvents() throws IOException {
        Rest cut = restOf(Scene.echo().cutAfterEvents(2), Bodies.streamed("a b"));
        Rest reset = restOf(Scene.echo().resetAfterEvents(0), Bodies.streamed("a b"));

        assertThat(cut.ending()).isEqualTo(Ending.FIN);
        assertThat(cut.text()).contains("\"content\":\"a\"").doesNotContain("\" b\"", "[DONE]", "\r\n0\r\n");
        assertThat(reset.ending()).isEqualTo(Ending.RESET);
        assertThat(upstream.clientsGone()).isZero();
    }

    @Test
    void aStreamFallsSilentUntilTheClientLeaves() throws IOException {
        upstream.always(Scene.echo().stallAfterEvents(2));
        try (RawHttp client = RawHttp.connect(upstream.port())) {
            client.post(CHAT, Bodies.streamed("a b")).until("\"content\":\"a\"");
            client.until("\n\n\r\n");

            assertThat(client.silentFor(20)).isTrue();
            assertThat(upstream.active()).isEqualTo(1);
        }
        assertThat(upstream.awaitClientGone(SOON).prompt()).isEqualTo("a b");
    }

    @Test
    void wholeBodiesBreakOffBehindTheirBytes() throws IOException {
        Rest cut = restOf(Scene.echo().wholeCutAfterBytes(5), Bodies.whole("a b"));
        Rest reset = restOf(Scene.echo().wholeResetAfterBytes(5), Bodies.whole("a b"));

        assertThat(cut.ending()).isEqualTo(Ending.FIN);
        assertThat(cut.text()).endsWith("\r\n\r\n{\"id\"");
        assertThat(reset.ending()).isEqualTo(Ending.RESET);
        assertThatThrownBy(() -> {
                    try (RawHttp client = RawHttp.connect(upstream.port())) {
                        upstream.always(Scene.status(200, "{\"long\":1}").wholeCutAfterBytes(3));
                        client.post(CHAT, Bodies.whole("x")).response();
                    }
                })
                .isInstanceOf(EOFException.class)
                .hasMessageContaining("3 of 10");
    }

    @Test
    void connectionsEndBehindAnAnswerWithAndWithoutAWord() throws IOException {
        Rest announced = restOf(Scene.echo().connectionClose(), Bodies.whole("x"));
        Rest silent = restOf(Scene.echo().closeAfterAnswer(), Bodies.whole("x"));
        Rest framedByIt = restOf(Scene.echo().untilClose(), Bodies.streamed("x"));
        String asking = "POST " + CHAT + " HTTP/1.1\r\nConnection: close\r\nContent-Length: 2\r\n\r\n{}";

        assertThat(announced.text()).contains("Connection: close\r\n");
        assertThat(silent.text()).doesNotContain("Connection").endsWith("}");
        assertThat(framedByIt.text()).doesNotContain("chunked").endsWith("data: [DONE]\n\n");
        assertThat(List.of(announced, silent, framedByIt)).allMatch(rest -> rest.ending() == Ending.FIN);
        upstream.always(Scene.echo());
        try (RawHttp client = RawHttp.connect(upstream.port())) {
            assertThat(client.send(asking).rest().ending()).isEqualTo(Ending.FIN);
        }
    }

    @Test
    void aClientThatLeavesInAWaitIsNoticedAtOnceAndOneThatStaysIsNot() throws IOException {
        upstream.always(Scene.echo().pace(Duration.ofSeconds(20)));
        RawHttp leaving = RawHttp.connect(upstream.port());
        leaving.post(CHAT, Bodies.streamed("leaver")).until("assistant");
        upstream.awaitCount(1, SOON);
        assertThat(upstream.active()).isEqualTo(1);

        leaving.close();

        assertThat(upstream.awaitClientGone(SOON).prompt()).isEqualTo("leaver");
        upstream.awaitIdle(SOON);
        upstream.always(Scene.echo().headersAfter(Duration.ofMillis(2)).pace(Duration.ofMillis(2)));
        try (RawHttp staying = RawHttp.connect(upstream.port())) {
            assertThat(staying.post(CHAT, Bodies.streamed("a b c")).response().events())
                    .hasSize(6);
        }
        assertThat(upstream.clientsGone()).isEqualTo(1);
        assertThatThrownBy(() -> upstream.awaitClientGone(Duration.ofMillis(1)))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("no client left");
    }

    private Rest restOf(Scene scene, String body) throws IOException {
        upstream.always(scene);
        try (RawHttp client = RawHttp.connect(upstream.port())) {
            return client.post(CHAT, body).rest();
        }
    }
}
