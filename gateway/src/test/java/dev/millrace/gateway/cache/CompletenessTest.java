package dev.millrace.gateway.cache;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.gateway.cache.Completeness.Observed;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CompletenessTest {
    private static final int MAX = 1000;

    @ParameterizedTest
    @ValueSource(strings = {"stop", "length", "tool_calls", "function_call"})
    void aWholeAnswerIsStored(String end) {
        assertThat(Completeness.of(new Observed(200, 1, List.of(end), true, false, false, MAX), MAX))
                .isEqualTo(Completeness.WHOLE);
        assertThat(Completeness.of(new Observed(200, 2, List.of(end, "stop"), true, false, false, 0), MAX)
                        .mayStore())
                .isTrue();
    }

    @Test
    void anAnswerWithoutChoicesIsWholeAtItsEnd() {
        assertThat(Completeness.of(new Observed(200, 0, List.of(), true, false, false, 5), MAX))
                .isEqualTo(Completeness.WHOLE);
        assertThat(Completeness.of(new Observed(200, 0, List.of(), false, false, false, 5), MAX))
                .isEqualTo(Completeness.NO_END);
    }

    @ParameterizedTest
    @ValueSource(strings = {"error", "abort", "null", "content_filter", "STOP", "stop ", "cancelled"})
    void anEndThatAskingAgainMayChangeIsNotStored(String end) {
        assertThat(Completeness.of(new Observed(200, 2, List.of("stop", end), true, false, false, 5), MAX))
                .isEqualTo(Completeness.UNSTABLE_END);
    }

    @Test
    void everyDoubtIsANo() {
        var stop = List.of("stop");

        assertThat(Completeness.of(new Observed(206, 1, stop, true, false, false, 5), MAX))
                .isEqualTo(Completeness.STATUS);
        assertThat(Completeness.of(new Observed(200, 1, stop, true, false, true, 5), MAX))
                .isEqualTo(Completeness.CANCELLED);
        assertThat(Completeness.of(new Observed(200, 1, stop, true, true, false, 5), MAX))
                .isEqualTo(Completeness.ERROR_EVENT);
        assertThat(Completeness.of(new Observed(200, 1, stop, false, false, false, 5), MAX))
                .isEqualTo(Completeness.NO_END);
        assertThat(Completeness.of(new Observed(200, 2, stop, true, false, false, 5), MAX))
                .isEqualTo(Completeness.CHOICE_WITHOUT_END);
        assertThat(Completeness.of(new Observed(200, 1, List.of("stop", "stop"), true, false, false, 5), MAX))
                .isEqualTo(Completeness.CHOICE_WITHOUT_END);
        assertThat(Completeness.of(
                        new Observed(200, 2, List.of("stop", Observed.NOT_SEEN), true, false, false, 5), MAX))
                .isEqualTo(Completeness.CHOICE_WITHOUT_END);
        assertThat(Completeness.of(new Observed(200, 1, stop, true, false, false, MAX + 1), MAX))
                .isEqualTo(Completeness.TOO_LARGE);
    }

    /// An answer of three choices, cut before each of its events: only the whole one is stored.
    @Test
    void anAnswerCutAtAnyEventIsNotStored() {
        for (int events = 0; events <= 4; events++) {
            List<String> ends = List.of(
                    events > 0 ? "stop" : Observed.NOT_SEEN,
                    events > 1 ? "length" : Observed.NOT_SEEN,
                    events > 2 ? "stop" : Observed.NOT_SEEN);
            var seen = new Observed(200, 3, ends, events > 3, false, false, 5);

            assertThat(Completeness.of(seen, MAX).mayStore())
                    .as("%s events", events)
                    .isEqualTo(events == 4);
        }
    }
}
