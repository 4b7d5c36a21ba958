package dev.millrace.gateway.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.gateway.cache.MessageOrder.Place;
import org.junit.jupiter.api.Test;

class MessageOrderTest {
    private final MessageOrder order = new MessageOrder(2);

    @Test
    void messagesInARowMissNothing() {
        assertThat(observe("a", 1)).isEqualTo(Place.NEXT);
        assertThat(observe("b", 1)).isEqualTo(Place.NEXT);
        assertThat(observe("a", 2)).isEqualTo(Place.NEXT);
    }

    @Test
    void aLostMessageShowsInTheNextOne() {
        observe("a", 1);

        assertThat(observe("a", 3)).isEqualTo(Place.AFTER_A_GAP);
        assertThat(observe("a", 4)).isEqualTo(Place.NEXT);
        assertThat(observe("a", 2)).isEqualTo(Place.REPEATED);
        assertThat(observe("a", 4)).isEqualTo(Place.REPEATED);
    }

    @Test
    void aSenderThatIsHeardLateMayHaveSaidMore() {
        assertThat(observe("a", 17)).isEqualTo(Place.AFTER_A_GAP);
        assertThat(observe("a", 18)).isEqualTo(Place.NEXT);
    }

    @Test
    void theSenderThatWasSilentForLongestIsForgottenAndThenDoubted() {
        observe("a", 1);
        observe("b", 1);
        observe("a", 2);
        observe("c", 1);

        assertThat(observe("a", 3)).isEqualTo(Place.NEXT);
        assertThat(observe("b", 2)).isEqualTo(Place.AFTER_A_GAP);
    }

    @Test
    void itMustRememberSomebody() {
        assertThatThrownBy(() -> new MessageOrder(0)).isInstanceOf(IllegalArgumentException.class);
    }

    private Place observe(String sender, long number) {
        return order.observe(new InvalidationMessage(sender, number, new Invalidation.All()));
    }
}
