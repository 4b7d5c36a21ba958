package dev.millrace.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.engine.FinishReason;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/// The H rows of the fault list: what arrives on the wire before it is a request.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class WireIT {
    private static final String BODY = TestServer.chat("fake");
    private static final String POST = "POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\n";
    private static final String JSON = "Content-Type: application/json\r\n";

    private final FakeEngine engine =
            new FakeEngine("fake").playing(call -> call.queued().token("ok").finished(FinishReason.STOP));
    private final TestServer server = TestServer.with(engine);

    @BeforeAll
    void isHealthyBefore() throws Exception {
        assertHealthy();
    }

    @AfterAll
    void isHealthyAfter() throws Exception {
        assertHealthy();
        server.close();
    }

    static Stream<Arguments> malformed() {
        String length = "Content-Length: " + BODY.length() + "\r\n";
        return Stream.of(
                bad("length and chunked", 400, POST + JSON + length + "Transfer-Encoding: chunked\r\n\r\n" + BODY),
                bad("chunked and length", 400, POST + JSON + "Transfer-Encoding: chunked\r\n" + length + "\r\n" + BODY),
                bad("two lengths", 400, POST + JSON + length + "Content-Length: 5\r\n\r\n" + BODY),
                bad("two equal lengths", 400, POST + JSON + length + length + "\r\n" + BODY),
                bad("length list", 400, POST + JSON + "Content-Length: 5, 5\r\n\r\nhello"),
                bad("length with plus", 400, POST + JSON + "Content-Length: +5\r\n\r\nhello"),
                bad("length with minus", 400, POST + JSON + "Content-Length: -5\r\n\r\nhello"),
                bad("length in hex", 400, POST + JSON + "Content-Length: 0x5\r\n\r\nhello"),
                bad("length with inner blank", 400, POST + JSON + "Content-Length: 5 5\r\n\r\nhello"),
                bad("empty length", 400, POST + JSON + "Content-Length: \r\n\r\nhello"),
                bad("length of 19 digits", 400, POST + JSON + "Content-Length: 1000000000000000000\r\n\r\n"),
                bad("length beyond long", 400, POST + JSON + "Content-Length: 99999999999999999999\r\n\r\n"),
                bad("gzip, chunked", 400, POST + JSON + "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n"),
                bad("chunked, identity", 400, POST + JSON + "Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n"),
                bad("xchunked", 400, POST + JSON + "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n"),
                bad("identity", 400, POST + JSON + "Transfer-Encoding: identity\r\n\r\n"),
                bad("quoted chunked", 400, POST + JSON + "Transfer-Encoding: \"chunked\"\r\n\r\n0\r\n\r\n"),
                bad(
                        "chunked twice",
                        400,
                        POST + JSON + "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n"),
                bad("chunked with tab inside", 400, POST + JSON + "Transfer-Encoding: chun\tked\r\n\r\n0\r\n\r\n"),
                bad("vertical tab before chunked", 400, POST + JSON + "Transfer-Encoding: \u000bchunked\r\n\r\n"),
                bad("blank before colon", 400, POST + JSON + "Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n"),
                bad("blank in name", 400, POST + JSON + "Transfer Encoding: chunked\r\n\r\n"),
                bad("empty name", 400, POST + ": x\r\n\r\n"),
                bad("no colon", 400, POST + "abc\r\n\r\n"),
                bad("folded line", 400, POST + "X-A: 1\r\n 2\r\n\r\n"),
                bad("folded line with tab", 400, POST + "X-A: 1\r\n\t2\r\n\r\n"),
                bad("folded first line", 400, "GET /health HTTP/1.1\r\n Host: localhost\r\n\r\n"),
                bad("bare line feed in head", 400, "GET /health HTTP/1.1\nHost: localhost\n\n"),
                bad("bare line feed after header", 400, "GET /health HTTP/1.1\r\nHost: localhost\n\r\n"),
                bad("bare carriage return", 400, "GET /health HTTP/1.1\r\nHost: local\rhost\r\n\r\n"),
                bad("bare line feed at end", 400, "GET /health HTTP/1.1\r\nHost: localhost\r\n\n"),
                bad("NUL in value", 400, "GET /health HTTP/1.1\r\nHost: localhost\r\nX-A: a\u0000b\r\n\r\n"),
                bad("control byte in value", 400, "GET /health HTTP/1.1\r\nHost: localhost\r\nX-A: a\u0001b\r\n\r\n"),
                bad("NUL in name", 400, "GET /health HTTP/1.1\r\nHost: localhost\r\nX\u0000A: b\r\n\r\n"),
                bad("byte above 127 in name", 400, "GET /health HTTP/1.1\r\nHost: localhost\r\nX\u00e4: b\r\n\r\n"),
                bad("leading control bytes", 400, "\u0001\u0002GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n"),
                bad("leading blank", 400, " GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n"),
                bad("leading line feed", 400, "\nGET /health HTTP/1.1\r\nHost: localhost\r\n\r\n"),
                bad("leading carriage return only", 400, "\rGET /health HTTP/1.1\r\nHost: localhost\r\n\r\n"),
                bad("TLS hello", 400, "\u0016\u0003\u0001\u0002\u0000\u0001\u0000\u0001\u00fc\u0003\u0003\r\n\r\n"),
                bad("HTTP/2 preface", 400, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
                bad("HTTP/0.9", 400, "GET /health\r\n"),
                bad("HTTP/1.2", 400, "GET /health HTTP/1.2\r\nHost: localhost\r\n\r\n"),
                bad("HTTP/9.9", 400, "GET /health HTTP/9.9\r\nHost: localhost\r\n\r\n"),
                bad("lower-case version", 400, "GET /health http/1.1\r\nHost: localhost\r\n\r\n"),
                bad("no version", 400, "GET /health \r\nHost: localhost\r\n\r\n"),
                bad("only a version", 400, "HTTP/1.1\r\nHost: localhost\r\n\r\n"),
                bad(
                        "chunked in HTTP/1.0",
                        400,
                        "POST /v1/chat/completions HTTP/1.0\r\nHost: localhost\r\n" + JSON
                                + "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
                bad("chunk extension", 400, chunked("5;a=b\r\nhello\r\n0\r\n\r\n")),
                bad("chunk extension without value", 400, chunked("5;\r\nhello\r\n0\r\n\r\n")),
                bad("blank after chunk size", 400, chunked("5 \r\nhello\r\n0\r\n\r\n")),
                bad("chunk size in 0x", 400, chunked("0x5\r\nhello\r\n0\r\n\r\n")),
                bad("negative chunk size", 400, chunked("-5\r\nhello\r\n0\r\n\r\n")),
                bad("empty chunk size", 400, chunked("\r\nhello\r\n0\r\n\r\n")),
                bad("endless chunk size", 400, chunked("fffffffffffffffff\r\nhello\r\n")),
                bad("chunk longer than said", 400, chunked("3\r\nhello\r\n0\r\n\r\n")),
                bad("chunk ended by line feed", 400, chunked("5\r\nhello\n0\r\n\r\n")),
                bad("chunk size ended by line feed", 400, chunked("5\nhello\r\n0\r\n\r\n")),
                bad("trailer", 400, chunked("0\r\nX-A: 1\r\n\r\n")),
                bad("trailer that sets the length", 400, chunked("0\r\nContent-Length: 5\r\n\r\n")),
                bad("no host", 400, "GET /health HTTP/1.1\r\n\r\n"),
                bad("two hosts", 400, "GET /health HTTP/1.1\r\nHost: localhost\r\nHost: localhost\r\n\r\n"),
                bad("body on GET", 400, "GET /health HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\n\r\n{}"),
                bad("unknown expectation", 400, POST + JSON + length + "Expect: miracles\r\n\r\n" + BODY),
                bad("foreign host", 421, "GET /v1/models HTTP/1.1\r\nHost: evil.example\r\n\r\n"),
                bad(
                        "foreign host that begins like ours",
                        421,
                        "GET /v1/models HTTP/1.1\r\nHost: localhost.evil\r\n\r\n"),
                bad(
                        "foreign host with our name as user",
                        421,
                        "GET / HTTP/1.1\r\nHost: localhost@evil.example\r\n\r\n"),
                bad("empty host", 421, "GET /v1/models HTTP/1.1\r\nHost: \r\n\r\n"),
                bad("foreign origin", 421, POST + JSON + "Origin: https://evil.example\r\n" + length + "\r\n" + BODY),
                bad("null origin", 421, POST + JSON + "Origin: null\r\n" + length + "\r\n" + BODY),
                bad(
                        "origin with our name first",
                        421,
                        POST + JSON + "Origin: http://localhost.evil\r\n" + length + "\r\n" + BODY),
                bad("no content type", 415, POST + length + "\r\n" + BODY),
                bad("plain text", 415, POST + "Content-Type: text/plain\r\n" + length + "\r\n" + BODY),
                bad("form", 415, POST + "Content-Type: application/x-www-form-urlencoded\r\n" + length + "\r\n" + BODY),
                bad(
                        "JSON as a parameter",
                        415,
                        POST + "Content-Type: text/plain; a=application/json\r\n" + length + "\r\n" + BODY),
                bad("gzip", 415, POST + JSON + "Content-Encoding: gzip\r\n" + length + "\r\n" + BODY),
                bad("br", 415, POST + JSON + "Content-Encoding: br\r\n" + length + "\r\n" + BODY),
                bad("zstd", 415, POST + JSON + "Content-Encoding: zstd\r\n" + length + "\r\n" + BODY),
                bad("declared body too large", 413, POST + JSON + "Content-Length: 8388609\r\n\r\n"),
                bad("declared body far too large", 413, POST + JSON + "Content-Length: 999999999999999999\r\n\r\n"),
                bad(
                        "101 headers",
                        431,
                        "GET /health HTTP/1.1\r\nHost: localhost\r\n" + "X-A: 1\r\n".repeat(100) + "\r\n"),
                bad(
                        "a million header bytes",
                        431,
                        "GET /health HTTP/1.1\r\nHost: localhost\r\nX-A: " + "a".repeat(1_000_000) + "\r\n\r\n"),
                bad(
                        "long header name",
                        431,
                        "GET /health HTTP/1.1\r\nHost: localhost\r\n" + "a".repeat(17_000) + ": 1\r\n\r\n"),
                bad("long target", 414, "GET /" + "a".repeat(9_000) + " HTTP/1.1\r\nHost: localhost\r\n\r\n"),
                bad("long query", 414, "GET /health?" + "a".repeat(9_000) + " HTTP/1.1\r\nHost: localhost\r\n\r\n"),
                bad("double slash", 404, get("//v1/models")),
                bad("encoded dots", 404, get("/v1/%2e%2e/health")),
                bad("dots", 404, get("/v1/../health")),
                bad("path parameter", 404, get("/health;x=1")),
                bad("trailing slash", 404, get("/health/")),
                bad("encoded slash in route", 404, get("/v1%2Fmodels")),
                bad("upper case", 404, get("/V1/models")),
                bad("unknown path", 404, get("/nothing")),
                bad("unknown model", 404, get("/v1/models/nothing")),
                bad("bad percent encoding in model", 404, get("/v1/models/a%zz")),
                bad("cut percent encoding in model", 404, get("/v1/models/a%2")),
                bad("NUL in model", 404, get("/v1/models/a%00b")),
                bad("line end in model", 404, get("/v1/models/a%0d%0ab")),
                bad("path traversal in model", 404, get("/v1/models/..%2F..%2Fetc%2Fpasswd")),
                bad("long model", 404, get("/v1/models/" + "a".repeat(5_000))),
                bad("asterisk", 404, get("*")),
                bad("wrong method", 405, get("/v1/chat/completions")),
                bad("wrong method for models", 405, "DELETE /v1/models HTTP/1.1\r\nHost: localhost\r\n\r\n"),
                bad(
                        "preflight",
                        405,
                        "OPTIONS /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nOrigin: http://localhost\r\n\r\n"),
                bad("made-up method", 405, "BREW /health HTTP/1.1\r\nHost: localhost\r\n\r\n"),
                bad("trace", 405, "TRACE /health HTTP/1.1\r\nHost: localhost\r\n\r\n"),
                bad("connect", 404, "CONNECT evil.example:80 HTTP/1.1\r\nHost: localhost\r\n\r\n"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("malformed")
    void isRefusedWithItsStatusAndOneErrorObject(String name, int status, String bytes) throws Exception {
        try (var client = new RawClient(server.port())) {
            client.sendAll(bytes.getBytes(StandardCharsets.ISO_8859_1));
            client.socket().shutdownOutput();
            String response = client.readToEnd();

            assertThat(RawClient.status(response)).as(response).isEqualTo(status);
            assertThat(response)
                    .contains("\r\nx-request-id: ")
                    .contains("\r\ncontent-type: application/json\r\n")
                    .containsPattern(
                            "\\{\"error\":\\{\"message\":\".+\",\"type\":\".+\",\"param\":.+,\"code\":\".+\"}}$")
                    .doesNotContain("Exception", "evil", "java", "\tat ");
        }
    }

    @Test
    void smugglingAttemptsCloseTheConnection() throws Exception {
        try (var client = new RawClient(server.port())) {
            client.send(
                    POST + JSON + "Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + get("/health"));
            String response = client.readToEnd();

            assertThat(response.split("HTTP/1.1 ", -1)).hasSize(2);
            assertThat(response).contains("connection: close");
        }
    }

    @Test
    void objectionWaitsForTheAnswersBeforeIt() throws Exception {
        try (var client = new RawClient(server.port())) {
            client.send(get("/health/live") + "BAD\r\n\r\n");
            String response = client.readToEnd();

            assertThat(RawClient.status(response)).isEqualTo(200);
            assertThat(response).contains("HTTP/1.1 400 ");
        }
    }

    @Test
    void pipelinedRequestsAreAnsweredInOrder() throws Exception {
        try (var client = new RawClient(server.port())) {
            client.send(get("/health/live") + get("/nothing") + get("/health/live"));
            client.readUntil("HTTP/1.1 200 ");
            client.readUntil("HTTP/1.1 404 ");
            client.readUntil("HTTP/1.1 200 ");
        }
    }

    @Test
    void headMayArriveByteByByte() throws Exception {
        try (var client = new RawClient(server.port())) {
            for (byte b : get("/health/live").getBytes(StandardCharsets.US_ASCII)) {
                client.send(new byte[] {b});
            }
            assertThat(RawClient.status(client.readUntil("\r\n\r\n"))).isEqualTo(200);
        }
    }

    @Test
    void bodyMayArriveInChunks() throws Exception {
        try (var client = new RawClient(server.port())) {
            var chunks = new StringBuilder();
            for (int i = 0; i < BODY.length(); i++) {
                chunks.append("1\r\n").append(BODY.charAt(i)).append("\r\n");
            }
            client.send(chunked(chunks + "0\r\n\r\n"));

            assertThat(RawClient.status(client.readUntil("\r\n\r\n"))).isEqualTo(200);
        }
    }

    @Test
    void bodyIsRefusedAtTheLimitBeforeItIsThere() throws Exception {
        try (var client = new RawClient(server.port())) {
            client.send(POST + JSON + "Transfer-Encoding: chunked\r\n\r\n");
            byte[] chunk = ("100000\r\n" + " ".repeat(1 << 20) + "\r\n").getBytes(StandardCharsets.US_ASCII);
            for (int i = 0; i < 9; i++) {
                client.sendAll(chunk);
            }
            assertThat(RawClient.status(client.readToEnd())).isEqualTo(413);
        }
    }

    @Test
    void tinyChunksAreRefusedLongBeforeTheLimit() throws Exception {
        try (var client = new RawClient(server.port())) {
            client.sendAll(chunked("1\r\n \r\n".repeat(500_000)).getBytes(StandardCharsets.US_ASCII));
            assertThat(RawClient.status(client.readToEnd())).isEqualTo(413);
        }
    }

    @Test
    void continueIsSaidBeforeTheBody() throws Exception {
        try (var client = new RawClient(server.port())) {
            client.send(POST + JSON + "Expect: 100-continue\r\nContent-Length: " + BODY.length() + "\r\n\r\n");
            client.readUntil("HTTP/1.1 100 Continue\r\n\r\n");
            client.send(BODY);
            assertThat(RawClient.status(client.readUntil("\r\n\r\n"))).isEqualTo(200);
        }
    }

    @Test
    void slowHeadIsTimedOut() throws Exception {
        var times = TestTimeouts.with(t -> t.header(Duration.ofMillis(300)));
        try (var impatient = TestServer.with(TestServer.LIMITS, times, new FakeEngine("fake"));
                var client = new RawClient(impatient.port())) {
            client.send("GET /health HTTP/1.1\r\nHost: loc");
            assertThat(RawClient.status(client.readToEnd())).isEqualTo(408);
        }
    }

    @Test
    void slowBodyIsTimedOut() throws Exception {
        var times = TestTimeouts.with(t -> t.header(Duration.ofMillis(300)));
        try (var impatient = TestServer.with(TestServer.LIMITS, times, new FakeEngine("fake"));
                var client = new RawClient(impatient.port())) {
            client.send(POST + JSON + "Content-Length: 100\r\n\r\n{");
            String response = client.readToEnd();
            assertThat(RawClient.status(response)).isEqualTo(408);
            assertThat(response).contains("x-should-retry: false");
        }
    }

    @Test
    void idleConnectionIsClosed() throws Exception {
        var times = TestTimeouts.with(t -> t.connection(Duration.ofMillis(300)));
        try (var impatient = TestServer.with(TestServer.LIMITS, times, new FakeEngine("fake"));
                var client = new RawClient(impatient.port())) {
            client.send(get("/health/live"));
            assertThat(client.readToEnd()).endsWith("{\"status\":\"ok\"}");
        }
    }

    @Test
    void connectionIsKeptAfterARefusal() throws Exception {
        try (var client = new RawClient(server.port())) {
            client.send(POST + JSON + "Content-Length: 2\r\n\r\n{}");
            assertThat(client.readUntil("}}")).contains("HTTP/1.1 400 ").doesNotContain("connection: close");
            client.send(get("/health/live"));
            assertThat(client.readUntil("\r\n\r\n")).contains("HTTP/1.1 200 ");
        }
    }

    @Test
    void allowedNamesOfThisMachineAreAnswered() throws Exception {
        for (String host :
                new String[] {"localhost", "LOCALHOST:1", "127.0.0.1:8000", "127.1.2.3", "[::1]:8000", "localhost."}) {
            try (var client = new RawClient(server.port())) {
                client.send("GET /health/live HTTP/1.1\r\nHost: " + host + "\r\n\r\n");
                assertThat(RawClient.status(client.readUntil("\r\n\r\n")))
                        .as(host)
                        .isEqualTo(200);
            }
        }
    }

    private void assertHealthy() throws Exception {
        assertThat(server.post("/v1/chat/completions", BODY).statusCode()).isEqualTo(200);
        assertThat(server.get("/health/ready").statusCode()).isEqualTo(200);
    }

    private static String get(String target) {
        return "GET " + target + " HTTP/1.1\r\nHost: localhost\r\n\r\n";
    }

    private static String chunked(String chunks) {
        return POST + JSON + "Transfer-Encoding: chunked\r\n\r\n" + chunks;
    }

    private static Arguments bad(String name, int status, String bytes) {
        return Arguments.of(name, status, bytes);
    }
}
