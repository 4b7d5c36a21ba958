package dev.millrace.cli.engines;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.core.id.RequestId;
import dev.millrace.core.time.NanoClock;
import dev.millrace.engine.Engine;
import dev.millrace.engine.Generation;
import dev.millrace.engine.GenerationEvent;
import dev.millrace.engine.GenerationRequest;
import dev.millrace.engine.Prompt;
import dev.millrace.engine.Sampling;
import dev.millrace.engine.Share;
import dev.millrace.engine.Stopping;
import dev.millrace.engine.simulated.SimulatedModels;
import java.util.concurrent.Semaphore;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class SimulatedKindIT {
    private final SimulatedKind kind = new SimulatedKind(new TimerDelays(), NanoClock.SYSTEM);

    @Test
    void modelsThatCameAndWentLeaveNoThreads() throws Exception {
        for (int i = 0; i < 10; i++) {
            try (Engine engine = kind.open(SimulatedModels.FIVE, (phase, fraction) -> {})) {
                answer(engine);
            }
        }

        assertThat(Thread.getAllStackTraces().keySet())
                .filteredOn(thread -> thread.getName().equals("simulated-timer"))
                .hasSizeLessThanOrEqualTo(1);
    }

    private static void answer(Engine engine) throws InterruptedException {
        Semaphore available = new Semaphore(0);
        Generation generation = engine.submit(
                new GenerationRequest(
                        new RequestId("one"),
                        new Prompt.Text("hello"),
                        1,
                        Stopping.AT_END,
                        Sampling.GREEDY,
                        Share.DEFAULT),
                available::release);
        GenerationEvent event = generation.poll();
        while (!(event instanceof GenerationEvent.Terminal)) {
            if (event == null) {
                available.acquire();
            }
            event = generation.poll();
        }
    }

    @Test
    @Timeout(4)
    void loadThatTakesLongTellsHowFarItIsAndCanBeCancelled() {
        Thread loading = Thread.currentThread();

        assertThatThrownBy(() -> kind.open(SimulatedModels.SLOW, (phase, fraction) -> {
                    if (fraction >= 0.03f) {
                        loading.interrupt();
                    }
                }))
                .isInstanceOf(InterruptedException.class);
    }
}
