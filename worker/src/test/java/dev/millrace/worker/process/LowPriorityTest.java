package dev.millrace.worker.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class LowPriorityTest {
    private static final String NOBODY = "Name:\tjava\nCapInh:\t0000000000000000\nCapEff:\t0000000000000000\n";
    private static final String ROOT_IN_A_CONTAINER = "CapEff:\t00000000a80425fb\n";
    private static final String WITH_SYS_NICE = "CapEff:\t0000000000800000\n";
    private static final String ROOT = "Name:\tjava\nCapEff:\t000001fffeffffff\nCapBnd:\t000001fffeffffff\n";

    @Test
    void onlyWhoMayRaiseAPriorityAgainMayLowerIt() {
        assertThat(LowPriority.mayRaise(NOBODY, limits("0"), 0)).isFalse();
        assertThat(LowPriority.mayRaise(ROOT_IN_A_CONTAINER, limits("0"), 0)).isFalse();
        assertThat(LowPriority.mayRaise(WITH_SYS_NICE, limits("0"), 0)).isTrue();
        assertThat(LowPriority.mayRaise(ROOT, limits("0"), 0)).isTrue();
        assertThat(LowPriority.mayRaise("", "", 0)).as("nothing known").isFalse();
    }

    @Test
    void aLimitIsTwentyLessThePriorityThatMayBeReached() {
        assertThat(LowPriority.mayRaise(NOBODY, limits("19"), 0)).isFalse();
        assertThat(LowPriority.mayRaise(NOBODY, limits("20"), 0)).isTrue();
        assertThat(LowPriority.mayRaise(NOBODY, limits("15"), 5)).isTrue();
        assertThat(LowPriority.mayRaise(NOBODY, limits("14"), 5)).isFalse();
        assertThat(LowPriority.mayRaise(NOBODY, limits("unlimited"), 0)).isTrue();
    }

    @Test
    void thePriorityIsReadBehindANameOfAnyKind() {
        assertThat(LowPriority.nice(stat("java", 0))).isZero();
        assertThat(LowPriority.nice(stat("C1 Compiler) 7 (x", 19))).isEqualTo(19);
        assertThat(LowPriority.nice(stat("a b", -20))).isEqualTo(-20);
    }

    @Test
    void aLoweredCommandIsTheSameBehindNice() {
        assertThat(LowPriority.ofThisProcess().lowered(List.of("java", "-version")))
                .containsExactly("/usr/bin/nice", "-n", "10", "java", "-version");
    }

    private static String limits(String nice) {
        return "Limit                     Soft Limit           Hard Limit           Units     \n"
                + "Max msgqueue size         819200               819200               bytes     \n"
                + "Max nice priority         " + nice + "                    0                    \n"
                + "Max realtime priority     0                    0                    \n";
    }

    /// proc(5): pid, name, state, then numbers, of which the nineteenth field is the priority.
    private static String stat(String name, int nice) {
        return "4711 (" + name + ") S 1 4711 4711 0 -1 4194304 100 0 0 0 5 6 0 0 20 " + nice + " 22 0 12345 1000 200\n";
    }
}
