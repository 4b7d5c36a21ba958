package dev.millrace.models.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.core.error.ErrorCode;
import dev.millrace.core.id.ModelId;
import dev.millrace.core.time.NanoClock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Many threads at one pool, for a second: whatever they do, each request is answered and nothing stays behind.
@Timeout(60)
class LocalPoolStormTest {
    private static final int THREADS = 8;
    private static final int MODELS = 4;
    private static final Duration STORM = Duration.ofSeconds(1);

    private final AtomicInteger starts = new AtomicInteger();
    private final TestMachine machine = new TestMachine((model, listener) -> {
        listener.at(LoadPhase.LOADING, 0.5f);
        if (starts.incrementAndGet() % 16 == 0) {
            throw new ModelLoadFailedException("every sixteenth does not want to");
        }
    });
    private final ModelPool pool = ModelPool.open(
            TestSettings.settings()
                    .budget(2)
                    .concurrentLoads(2)
                    .grace(Duration.ZERO)
                    .swapAfter(Duration.ofMillis(2))
                    .backoff(Duration.ofNanos(1), Duration.ofMillis(1))
                    .build(),
            new TestModels(),
            machine,
            NanoClock.SYSTEM,
            () -> 0);

    /// What one thread saw.
    private record Seen(int granted, int withdrawn, int refused) {}

    @Test
    void everyRequestOfManyThreadsIsAnsweredAndNoLeaseIsLost() throws Exception {
        long endNanos = NanoClock.SYSTEM.nanoTime() + STORM.toNanos();
        List<Seen> seen = new ArrayList<>();
        try (ExecutorService threads = Executors.newFixedThreadPool(THREADS)) {
            List<Future<Seen>> running = new ArrayList<>();
            for (int i = 0; i < THREADS; i++) {
                SplittableRandom random = new SplittableRandom(i);
                running.add(threads.submit((Callable<Seen>) () -> hammer(random, endNanos)));
            }
            for (Future<Seen> thread : running) {
                seen.add(thread.get(50, TimeUnit.SECONDS));
            }
        }

        for (int i = 0; i < MODELS; i++) {
            ModelStatus status = pool.status(new ModelId("m" + i));
            assertThat(status.users()).as(status.toString()).isZero();
            assertThat(status.waiters()).as(status.toString()).isZero();
        }
        pool.close();
        assertThat(machine.all()).allMatch(model -> model.closed.isDone());
        assertThat(seen.stream().mapToInt(Seen::granted).sum()).isGreaterThan(100);
        assertThat(seen.stream().mapToInt(Seen::withdrawn).sum()).isGreaterThan(10);
        assertThat(machine.all()).hasSizeGreaterThan(MODELS);
    }

    private Seen hammer(SplittableRandom random, long endNanos) throws InterruptedException {
        int granted = 0;
        int withdrawn = 0;
        int refused = 0;
        while (endNanos - NanoClock.SYSTEM.nanoTime() > 0) {
            ModelId model = new ModelId("m" + random.nextInt(MODELS));
            TestClaim claim = new TestClaim();
            pool.acquire(model.value(), Demand.USUAL, claim);
            if (random.nextInt(4) == 0 && pool.withdraw(claim)) {
                withdrawn++;
                assertThat(claim.isUntold()).as("withdrawn and not answered").isTrue();
                continue;
            }
            TestClaim.Answer answer = claim.answer();
            Lease lease = answer.lease();
            if (lease == null) {
                refused++;
                assertThat(answer.code())
                        .isIn(ErrorCode.MODEL_LOAD_FAILED, ErrorCode.MODEL_UNLOADED, ErrorCode.ENGINE_LOST);
            } else {
                granted++;
                use(lease, model, random);
            }
            assertThat(claim.isUntold()).as("answered once").isTrue();
        }
        return new Seen(granted, withdrawn, refused);
    }

    private void use(Lease lease, ModelId model, SplittableRandom random) {
        TestMachine.Running engine = (TestMachine.Running) lease.engine();
        assertThat(engine.model().id()).isEqualTo(model);
        switch (random.nextInt(64)) {
            case 0 -> pool.unload(model);
            case 1 -> engine.lost.complete("killed in the storm");
            case 2 -> pool.load(model, new Demand(Duration.ZERO, true, true));
            default -> Thread.onSpinWait();
        }
        assertThat(engine.closed.isDone() && !engine.lost.isDone())
                .as("closed while in use")
                .isFalse();
        lease.release();
    }
}
