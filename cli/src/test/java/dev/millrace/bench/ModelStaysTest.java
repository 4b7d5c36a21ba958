package dev.millrace.bench;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.bench.ModelHistory.Moment;
import java.util.List;
import org.junit.jupiter.api.Test;

/// The judge of the swap storm must see what is wrong.
class ModelStaysTest {
    private static final long SECOND = 1_000_000_000;

    @Test
    void eachLoadCountsItsOwnAnswers() {
        ModelStays stays = ModelStays.of(List.of(
                at(1, "a", "starting"),
                at(2, "a", "loaded"),
                at(4, "a", "unloading"),
                at(5, "a", "unloaded"),
                at(6, "b", "starting"),
                at(7, "b", "loaded"),
                at(8, "b", "unloading"),
                at(9, "b", "unloaded"),
                at(10, "a", "starting"),
                at(12, "a", "loaded")));

        stays.serve("a", 3 * SECOND);
        stays.serve("a", 3 * SECOND);
        stays.serve("b", 7 * SECOND);
        stays.serve("a", 13 * SECOND);

        assertThat(stays.count()).isEqualTo(3);
        assertThat(stays.answers("a")).containsExactly(2.0, 1.0);
        assertThat(stays.answers("b")).containsExactly(1.0);
        assertThat(stays.unused()).isZero();
        assertThat(stays.mostAtOnce()).isEqualTo(1);
        assertThat(stays.longestChangeMillis()).isEqualTo(4_000);
    }

    @Test
    void loadThatAnsweredNobodyIsSeen() {
        ModelStays stays = ModelStays.of(
                List.of(at(1, "a", "starting"), at(2, "a", "loaded"), at(3, "a", "unloaded"), at(4, "b", "starting")));

        assertThat(stays.unused()).isEqualTo(1);
    }

    @Test
    void twoModelsAtOnceAreSeen() {
        ModelStays stays = ModelStays.of(
                List.of(at(1, "a", "starting"), at(2, "a", "loaded"), at(3, "b", "queued"), at(4, "b", "starting")));

        assertThat(stays.mostAtOnce()).isEqualTo(2);
    }

    private static Moment at(long second, String model, String state) {
        return new Moment(model, state, second * SECOND);
    }
}
