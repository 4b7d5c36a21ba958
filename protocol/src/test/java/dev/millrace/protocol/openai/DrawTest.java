package dev.millrace.protocol.openai;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class DrawTest {
    private static Draw draw(String fields) {
        byte[] body = ("{\"model\":\"m\"" + fields + "}").getBytes(StandardCharsets.UTF_8);
        return RequestReader.relay(body) instanceof Parsed.Ok<RelayRequest>(RelayRequest request)
                ? request.draw()
                : new Draw(Draw.Given.NOT, false, Integer.MAX_VALUE);
    }

    @Test
    void whatIsLeftToChanceIsReadAsItIsWritten() {
        assertThat(draw("")).isEqualTo(Draw.UNSAID);
        assertThat(draw(",\"temperature\":0").temperature()).isEqualTo(Draw.Given.ZERO);
        assertThat(draw(",\"temperature\":-0.0e3").temperature()).isEqualTo(Draw.Given.ZERO);
        assertThat(draw(",\"temperature\":0.01").temperature()).isEqualTo(Draw.Given.OTHER);
        assertThat(draw(",\"temperature\":null").temperature()).isEqualTo(Draw.Given.NOT);
        assertThat(draw(",\"temperature\":[0]").temperature()).isEqualTo(Draw.Given.NOT);
        assertThat(draw(",\"seed\":5").seeded()).isTrue();
        assertThat(draw(",\"seed\":null").seeded()).isFalse();
    }

    @Test
    void choicesAreThoseOfAllPrompts() {
        assertThat(draw(",\"n\":3").choices()).isEqualTo(3);
        assertThat(draw(",\"n\":null").choices()).isEqualTo(1);
        assertThat(draw(",\"n\":-3").choices()).isEqualTo(1);
        assertThat(draw(",\"n\":99999999999999999999").choices()).isEqualTo(1_000);
        assertThat(draw(",\"n\":2,\"prompt\":[\"a\",\"b\"]").choices()).isEqualTo(4);
        assertThat(draw(",\"prompt\":[[1,2],[3]]").choices()).isEqualTo(2);
        assertThat(draw(",\"prompt\":[1,2,3]").choices()).isEqualTo(1);
        assertThat(draw(",\"prompt\":\"x\"").choices()).isEqualTo(1);
    }
}
