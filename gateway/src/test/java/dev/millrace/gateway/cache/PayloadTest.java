package dev.millrace.gateway.cache;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.gateway.cache.Payload.Spot;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PayloadTest {
    @ParameterizedTest
    @ValueSource(strings = {"", "x", "id-1", "a-much-longer-id-é"})
    void aRepeatedAnswerHasItsNewIdWhereverTheOldOneStood(String id) {
        byte[] stored = "id-1{id-1id-1}id-1".getBytes(UTF_8);
        var payload = new Payload(stored, List.of(new Spot(0, 4), new Spot(5, 4), new Spot(9, 4), new Spot(14, 4)));

        assertThat(new String(payload.withId(id.getBytes(UTF_8)), UTF_8)).isEqualTo(id + "{" + id + id + "}" + id);
        assertThat(payload.bytes()).isEqualTo("id-1{id-1id-1}id-1".getBytes(UTF_8));
    }

    @Test
    void anAnswerWithoutAnIdIsRepeatedAsItIs() {
        byte[] stored = "[0.5]".getBytes(UTF_8);

        assertThat(new Payload(stored, List.of()).withId("x".getBytes(UTF_8))).isEqualTo(stored);
        assertThat(new Payload(new byte[0], List.of()).withId("x".getBytes(UTF_8)))
                .isEmpty();
    }

    @Test
    void placesOutsideOrOverEachOtherAreRefused() {
        byte[] ten = new byte[10];

        assertThatThrownBy(() -> new Payload(ten, List.of(new Spot(8, 3))))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new Payload(ten, List.of(new Spot(Integer.MAX_VALUE, 1))))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new Payload(ten, List.of(new Spot(0, 3), new Spot(2, 3))))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new Payload(ten, List.of(new Spot(5, 3), new Spot(0, 3))))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new Spot(-1, 3)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new Spot(0, 0)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new Spot(0, Payload.MAX_ID_BYTES + 1)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new Payload(ten, List.of()).withId(new byte[Payload.MAX_ID_BYTES + 1]))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void noTextOfAnAnswerIsShown() {
        assertThat(new Payload("secret".getBytes(UTF_8), List.of())).hasToString("Payload[6 bytes, 0 spots]");
    }
}
