package dev.millrace.cli.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.cli.console.Style;
import java.util.List;
import org.junit.jupiter.api.Test;

class ReportTest {
    private static final Diagnosis GOOD = Diagnosis.good("Java", "25");
    private static final Diagnosis WEAK = Diagnosis.weak("Memory", "little", "Close programs");
    private static final Diagnosis BAD = Diagnosis.bad("Port 8000", "taken", "Serve elsewhere");

    @Test
    void everyFindingHasItsMarkAndItsRemedy() {
        assertThat(new Report(List.of(GOOD, WEAK, BAD)).text(Style.PLAIN)).isEqualTo("""
                        ✓ Java       25
                        ! Memory     little
                                     → Close programs
                        ✗ Port 8000  taken
                                     → Serve elsewhere

                        1 thing stands in the way; the arrows say what to do.
                        """);
    }

    @Test
    void onlyWhatStandsInTheWayFails() {
        assertThat(new Report(List.of(GOOD, WEAK)).isGood()).isTrue();
        assertThat(new Report(List.of(GOOD, BAD)).isGood()).isFalse();
    }

    @Test
    void jsonHoldsTheSame() {
        assertThat(new Report(List.of(WEAK)).json())
                .contains("\"ok\" : true")
                .contains("\"level\" : \"warning\"")
                .contains("\"remedy\" : \"Close programs\"");
    }
}
