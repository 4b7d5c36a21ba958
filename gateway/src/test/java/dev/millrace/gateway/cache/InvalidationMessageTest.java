package dev.millrace.gateway.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.gateway.cache.Invalidation.All;
import dev.millrace.gateway.cache.Invalidation.Model;
import dev.millrace.gateway.cache.Invalidation.Tag;
import dev.millrace.gateway.cache.Invalidation.Tenant;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class InvalidationMessageTest {
    private static final List<Invalidation> ALL_KINDS = List.of(
            new Invalidation.Key(CacheFixture.key("a")),
            new Model("Qwen/Qwen3 0.6B"),
            new Tag(" prices  of today "),
            new Tag("é".repeat(Names.MAX_LENGTH)),
            new Tenant("acme 1 all"),
            new All());

    @Test
    void whatIsSaidIsWhatIsRead() {
        for (Invalidation what : ALL_KINDS) {
            for (long number : new long[] {1, 42, 999_999_999_999_999_999L}) {
                var message = new InvalidationMessage("a.B_9-", number, what);

                assertThat(InvalidationMessage.parse(message.text()))
                        .as(message.text())
                        .contains(message);
                assertThat(message.text()).hasSizeLessThanOrEqualTo(InvalidationMessage.MAX_LENGTH);
            }
        }
        assertThat(new InvalidationMessage("7f3a", 42, new Tag("x y")).text()).isEqualTo("mri1 7f3a 42 tag x y");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                "mri1",
                "mri1 a 1 tag",
                "mri1 a 1 tag ",
                "mri2 a 1 tag x",
                "mri1  1 tag x",
                "mri1 a! 1 tag x",
                "mri1 a 0 tag x",
                "mri1 a -1 tag x",
                "mri1 a +1 tag x",
                "mri1 a 01 tag x",
                "mri1 a 1.0 tag x",
                "mri1 a 9999999999999999999 tag x",
                "mri1 a 1 TAG x",
                "mri1 a 1 model",
                "mri1 a 1 all x",
                "mri1 a 1 all",
                "mri1 a 1 key x",
                "mri1 a 1 key ",
                "mri1 a 1 tag a\nb",
                "mri1 a 1 tag a\0",
                "mri1 a 1 tag \ud800",
                "mri1 a \u0661 tag x",
                "mri1 \u00e9 1 tag x",
                "null"
            })
    void whatNobodySaysIsIgnored(String text) {
        assertThat(InvalidationMessage.parse(text)).isEmpty();
    }

    @Test
    void whatIsTooLongIsIgnored() {
        assertThat(InvalidationMessage.parse("mri1 a 1 tag " + "x".repeat(Names.MAX_LENGTH + 1)))
                .isEmpty();
        assertThat(InvalidationMessage.parse("mri1 " + "a".repeat(65) + " 1 all "))
                .isEmpty();
        assertThat(InvalidationMessage.parse(" ".repeat(1_000_000))).isEmpty();
    }

    @Test
    void whateverIsReadIsSaidInTheSameWords() {
        var random = new Random(19);
        for (int round = 0; round < 1_500; round++) {
            String text = new InvalidationMessage("7f3a", 42, ALL_KINDS.get(random.nextInt(6))).text();
            var changed = new StringBuilder(text);
            for (int hits = random.nextInt(3); hits >= 0; hits--) {
                changed.setCharAt(random.nextInt(text.length()), "mri1 a9\n\0é\ud800-".charAt(random.nextInt(12)));
            }
            Optional<InvalidationMessage> read = InvalidationMessage.parse(changed.toString());
            if (read.isPresent() && !read.orElseThrow().text().contentEquals(changed)) {
                throw new AssertionError("round " + round + " of seed 19: " + read + " from " + changed);
            }
        }
    }

    @Test
    void senselessMessagesCannotBeMade() {
        assertThatThrownBy(() -> new InvalidationMessage("", 1, new All()))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new InvalidationMessage("a b", 1, new All()))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new InvalidationMessage("a", 0, new All()))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new Tag("")).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new Model("a\nb")).isInstanceOf(IllegalArgumentException.class);
    }
}
