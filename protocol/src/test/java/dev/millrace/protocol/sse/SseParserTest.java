package dev.millrace.protocol.sse;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class SseParserTest {
    private static final String STREAM =
            "\ufeff: hello\n\ndata: a\n\nevent: error\r\ndata:b\r\ndata:  c\r\nid: 7\r\n\r\n: ping\r\rdata\r\r"
                    + "retry: 5\n\ndata: ä😀\ndata\n\nnothing: here\n\ndata: [DONE]";
    private static final List<SseEvent> EVENTS = List.of(
            new SseEvent("message", "a"),
            new SseEvent("error", "b\n c"),
            new SseEvent("message", ""),
            new SseEvent("message", "ä😀\n"),
            new SseEvent("message", "[DONE]"));

    @Test
    void everyCutIntoTwoGivesTheSameEvents() {
        byte[] bytes = STREAM.getBytes(StandardCharsets.UTF_8);
        for (int cut = 0; cut <= bytes.length; cut++) {
            assertThat(parse(bytes, cut, bytes.length)).as("cut at %s", cut).isEqualTo(EVENTS);
        }
    }

    @Test
    void everyCutIntoThreeGivesTheSameEvents() {
        byte[] bytes = STREAM.getBytes(StandardCharsets.UTF_8);
        for (int first = 0; first <= bytes.length; first++) {
            for (int second = first; second <= bytes.length; second++) {
                assertThat(parse(bytes, first, second)).isEqualTo(EVENTS);
            }
        }
    }

    @Test
    void singleBytesGiveTheSameEvents() {
        List<SseEvent> events = new ArrayList<>();
        var parser = new SseParser(events::add);
        for (byte b : STREAM.getBytes(StandardCharsets.UTF_8)) {
            parser.accept(new byte[] {b}, 0, 1);
        }
        parser.finish();

        assertThat(events).isEqualTo(EVENTS);
    }

    @Test
    void eventOfTheLargestSizePassesAndOneByteMoreDoesNot() {
        List<SseEvent> events = new ArrayList<>();
        var parser = new SseParser(events::add);
        byte[] fits =
                ("data:" + "x".repeat(SseParser.MAX_EVENT_BYTES - 5) + "\n\n").getBytes(StandardCharsets.US_ASCII);

        parser.accept(fits, 0, fits.length);
        parser.accept(fits, 0, fits.length - 2);

        assertThat(events).hasSize(1);
        assertThatThrownBy(() -> parser.accept(new byte[] {'x'}, 0, 1))
                .isInstanceOf(SseParser.EventTooLargeException.class);
    }

    @Test
    void heartbeatsNeverAddUpToALargeEvent() {
        List<SseEvent> events = new ArrayList<>();
        var parser = new SseParser(events::add);
        byte[] heartbeat = ": ping ping ping ping ping ping ping\n".getBytes(StandardCharsets.US_ASCII);

        for (int i = 0; i < 2 * SseParser.MAX_EVENT_BYTES / heartbeat.length; i++) {
            parser.accept(heartbeat, 0, heartbeat.length);
        }

        assertThat(events).isEmpty();
    }

    private static List<SseEvent> parse(byte[] bytes, int first, int second) {
        List<SseEvent> events = new ArrayList<>();
        var parser = new SseParser(events::add);
        parser.accept(bytes, 0, first);
        parser.accept(bytes, first, second - first);
        parser.accept(bytes, second, bytes.length - second);
        parser.finish();
        return events;
    }
}
