package dev.millrace.llama;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.core.time.NanoClock;
import dev.millrace.llama.ffm.ContextSettings;
import dev.millrace.llama.ffm.LlamaContext;
import dev.millrace.llama.ffm.LlamaLibrary;
import dev.millrace.llama.ffm.LlamaModel;
import dev.millrace.llama.ffm.LoadProgress;
import dev.millrace.llama.natives.NativeAbi;
import java.io.IOException;
import java.nio.file.Path;
import java.util.function.IntToLongFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The probe on a real context, with a clock that says how long a step took.
class StepProbeIT {
    private static final long STEP_NANOS = 20_000_000;
    /// A first step, three of one token, three of several.
    private static final int ON_ONE_THREAD = 7;

    @TempDir
    private Path directory;

    /// Advances at every second reading: a step lies between two.
    private static final class StepClock implements NanoClock {
        private final IntToLongFunction stepNanos;
        private int readings;
        private long now;

        StepClock(IntToLongFunction stepNanos) {
            this.stepNanos = stepNanos;
        }

        @Override
        public long nanoTime() {
            if (readings++ % 2 == 1) {
                now += stepNanos.applyAsLong(readings / 2);
            }
            return now;
        }

        int steps() {
            return readings / 2;
        }
    }

    private MeasuredCost probe(StepClock clock, int maxThreads) throws IOException {
        LlamaLibrary library = LlamaLibrary.open(Natives.of(NativeAbi.V0_5_0));
        Path file = Tiny.in(directory).file();
        try (LlamaModel model = LlamaModel.load(library, file, new LlamaModel.Settings(0, true), LoadProgress.IGNORED);
                LlamaContext context = new LlamaContext(model, new ContextSettings(512, 64, 4, 1))) {
            return new StepProbe(context, Cores.ALONE, clock, 300, 4, 64).best(maxThreads);
        }
    }

    @Test
    void twoThreadsAreTakenIfTheyAreClearlyFaster() throws IOException {
        StepClock clock = new StepClock(step -> step <= ON_ONE_THREAD ? STEP_NANOS : STEP_NANOS / 2);

        MeasuredCost cost = probe(clock, 2);

        assertThat(cost.threads()).isEqualTo(2);
        assertThat(cost.baseStepNanos()).isEqualTo(STEP_NANOS / 2);
        assertThat(cost.prefillTokenNanos()).isPositive();
    }

    @Test
    void threadsThatOnlyHelpSeveralSequencesAreTaken() throws IOException {
        // with one thread 20 ms, of several sequences 80; with two never more than 40
        StepClock clock = new StepClock(step -> switch (step) {
            case 5, 6, 7 -> 4 * STEP_NANOS;
            case 13, 14, 15 -> 2 * STEP_NANOS;
            default -> STEP_NANOS;
        });

        MeasuredCost cost = probe(clock, 2);

        assertThat(cost.threads()).isEqualTo(2);
        assertThat(cost.baseStepNanos()).isEqualTo(STEP_NANOS);
        assertThat(cost.decodeTokenNanos()).isEqualTo(STEP_NANOS / 3);
    }

    @Test
    void oneThreadIsKeptIfTwoAreHardlyFaster() throws IOException {
        StepClock clock = new StepClock(step -> step <= ON_ONE_THREAD ? STEP_NANOS : STEP_NANOS * 95 / 100);

        assertThat(probe(clock, 2).threads()).isEqualTo(1);
    }

    @Test
    void twoCollapsedStepsAreEnoughToGiveMoreThreadsUp() throws IOException {
        StepClock smooth = new StepClock(step -> STEP_NANOS);
        probe(smooth, 1);
        StepClock collapsing = new StepClock(step -> step == 8 || step == 9 ? 100 * STEP_NANOS : STEP_NANOS);

        MeasuredCost cost = probe(collapsing, 2);

        assertThat(cost.threads()).isEqualTo(1);
        assertThat(collapsing.steps()).isEqualTo(smooth.steps() + 2);
    }

    @Test
    void machineThatStandsStillForAMomentDoesNotCostAThread() throws IOException {
        // the first step with two threads, and two of the three of one token
        StepClock stalling = new StepClock(step -> {
            long undisturbed = step <= ON_ONE_THREAD ? STEP_NANOS : STEP_NANOS / 2;
            return step == 8 || step == 10 || step == 11 ? undisturbed + 10 * STEP_NANOS : undisturbed;
        });

        MeasuredCost cost = probe(stalling, 2);

        assertThat(cost.threads()).isEqualTo(2);
        assertThat(cost.baseStepNanos()).isEqualTo(STEP_NANOS / 2);
    }

    @Test
    void modelOfTinyStepsIsNotTriedWithMoreThreads() throws IOException {
        StepClock fast = new StepClock(step -> 300_000);

        assertThat(probe(fast, 16).threads()).isEqualTo(1);
    }
}
