package dev.millrace.server.wire;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.core.error.ErrorCode;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FramingScannerTest {
    private static final String GET = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
    private static final String FIXED = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length:  5 \r\n\r\nhello";
    private static final String CHUNKED =
            "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: Chunked\r\n\r\n5\r\nhello\r\nA\r\n\r\n\r\n567890\r\n0\r\n\r\n";

    @Test
    void requestsAreCountedHoweverTheBytesAreCut() {
        byte[] bytes = (GET + FIXED + "\r\n" + CHUNKED + GET).getBytes(StandardCharsets.US_ASCII);
        for (int cut = 0; cut <= bytes.length; cut++) {
            var scanner = new FramingScanner();

            assertThat(scan(scanner, Arrays.copyOf(bytes, cut))).isEqualTo(cut);
            scan(scanner, Arrays.copyOfRange(bytes, cut, bytes.length));

            assertThat(scanner.violation()).as("cut at %s", cut).isNull();
            assertThat(scanner.requests()).isEqualTo(4);
            assertThat(scanner.isBetweenRequests()).isTrue();
        }
    }

    @Test
    void objectionIsFoundHoweverTheBytesAreCutAndTheGoodPartBeforeItIsKnown() {
        String good = GET + FIXED;
        byte[] bytes = (good + "GET / HTTP/1.1\r\nHost: a\r\nX : 1\r\n\r\n").getBytes(StandardCharsets.US_ASCII);
        for (int cut = 0; cut <= bytes.length; cut++) {
            var scanner = new FramingScanner();

            int passed = scan(scanner, Arrays.copyOf(bytes, cut));
            passed += scanner.violation() == null ? scan(scanner, Arrays.copyOfRange(bytes, cut, bytes.length)) : 0;

            assertThat(scanner.violation()).as("cut at %s", cut).isEqualTo(ErrorCode.MALFORMED_HTTP);
            assertThat(passed).isGreaterThanOrEqualTo(good.length());
            assertThat(scanner.requests()).isEqualTo(2);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Content-Length: 4\r\nTransfer-Encoding: chunked\r\n",
                "Transfer-Encoding: chunked\r\nContent-Length: 4\r\n",
                "Content-Length: 4\r\nContent-Length: 4\r\n",
                "content-length: 4\r\nCONTENT-LENGTH: 5\r\n",
                "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n",
                "Transfer-Encoding: gzip, chunked\r\n",
                "Transfer-Encoding: chunke\r\n",
                "Transfer-Encoding: chunkedd\r\n",
                "Transfer-Encoding:\r\n",
                "Content-Length: +4\r\n",
                "Content-Length: 4,4\r\n",
                "Content-Length: 4 4\r\n",
                "Content-Length:\r\n",
                "Content-Length : 4\r\n",
                "Host: b\r\n",
                "X: a\r\n b\r\n",
                "X: a\u0000\r\n",
                "X: a\n"
            })
    void unclearFramingIsObjectedToBeforeTheDecoderSeesIt(String fields) {
        assertThat(violation("POST / HTTP/1.1\r\nHost: a\r\n" + fields + "\r\n"))
                .isEqualTo(ErrorCode.MALFORMED_HTTP);
    }

    @Test
    void bodiesAreNotReadAsRequests() {
        var scanner = new FramingScanner();

        scan(
                scanner,
                "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\n\u0000\u0001 \n\r: \n"
                        .getBytes(StandardCharsets.US_ASCII));

        assertThat(scanner.violation()).isNull();
        assertThat(scanner.isBetweenRequests()).isFalse();
        assertThat(scanner.isInHead()).isFalse();
    }

    @Test
    void limitsAreExact() {
        assertThat(violation("GET /" + "a".repeat(FramingScanner.MAX_LINE_BYTES - 14) + " HTTP/1.1\r\nHost: a\r\n\r\n"))
                .isNull();
        assertThat(violation("GET /" + "a".repeat(FramingScanner.MAX_LINE_BYTES - 13) + " HTTP/1.1\r\nHost: a\r\n\r\n"))
                .isEqualTo(ErrorCode.URI_TOO_LONG);
        String more = "X: 1\r\n".repeat(FramingScanner.MAX_HEADERS - 1);
        assertThat(violation("GET / HTTP/1.1\r\nHost: a\r\n" + more + "\r\n")).isNull();
        assertThat(violation("GET / HTTP/1.1\r\nHost: a\r\nX: 1\r\n" + more + "\r\n"))
                .isEqualTo(ErrorCode.HEADERS_TOO_LARGE);
        assertThat(violation("GET / HTTP/1.1\r\nHost: a\r\nX:" + "b".repeat(FramingScanner.MAX_HEADER_BYTES - 7)
                        + "\r\n\r\n"))
                .isNull();
        assertThat(violation("GET / HTTP/1.1\r\nHost: a\r\nX:" + "b".repeat(FramingScanner.MAX_HEADER_BYTES - 6)
                        + "\r\n\r\n"))
                .isEqualTo(ErrorCode.HEADERS_TOO_LARGE);
    }

    @Test
    void smallChunksAreBoundedAndLargeOnesAreNot() {
        String head = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";
        int many = FramingScanner.MAX_SMALL_CHUNKS;

        assertThat(violation(head + "1\r\nx\r\n".repeat(many))).isNull();
        assertThat(violation(head + "1\r\nx\r\n".repeat(many + 1))).isEqualTo(ErrorCode.BODY_TOO_LARGE);
        assertThat(violation(head + ("40\r\n" + "x".repeat(64) + "\r\n").repeat(many + 1)))
                .isNull();
    }

    private static @Nullable ErrorCode violation(String text) {
        var scanner = new FramingScanner();
        scan(scanner, text.getBytes(StandardCharsets.US_ASCII));
        return scanner.violation();
    }

    private static int scan(FramingScanner scanner, byte[] bytes) {
        return scanner.scan(Unpooled.wrappedBuffer(bytes));
    }
}
