package dev.millrace.models.lifecycle;

import static dev.millrace.models.lifecycle.TestMachine.PATIENCE_SECONDS;
import static dev.millrace.models.lifecycle.TestSettings.settings;
import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.core.error.ErrorCode;
import dev.millrace.core.id.ModelId;
import dev.millrace.core.time.NanoClock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class LocalPoolTest {
    private static final ModelId A = new ModelId("a");
    private static final TestMachine.Start AT_ONCE = (model, listener) -> {};

    private final CountDownLatch gate = new CountDownLatch(1);
    private final TestMachine.Start gated = (model, listener) -> gate.await();

    @Nullable
    private ModelPool pool;

    @AfterEach
    void close() {
        if (pool != null) {
            pool.close();
        }
    }

    private ModelPool open(TestSettings settings, EngineStarter starter) {
        pool = ModelPool.open(settings.build(), new TestModels().needs("a", 1), starter, NanoClock.SYSTEM, () -> 0);
        return pool;
    }

    private static TestClaim ask(ModelPool pool, String model) {
        TestClaim claim = new TestClaim();
        pool.acquire(model, Demand.USUAL, claim);
        return claim;
    }

    private static void await(CompletableFuture<?> future) throws Exception {
        future.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    }

    /// Completed when the model is seen in this state.
    private static CompletableFuture<ModelStatus> seen(ModelPool pool, ModelState state) {
        CompletableFuture<ModelStatus> seen = new CompletableFuture<>();
        pool.onChange(status -> {
            if (status.state() == state) {
                seen.complete(status);
            }
        });
        return seen;
    }

    @Test
    void hundredClientsOfAColdModelMakeOneStart() throws Exception {
        TestMachine machine = new TestMachine(gated);
        ModelPool pool = open(settings(), machine);
        List<TestClaim> claims = new ArrayList<>();
        List<Thread> clients = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            TestClaim claim = new TestClaim();
            claims.add(claim);
            clients.add(Thread.ofVirtual().start(() -> pool.acquire("a", Demand.USUAL, claim)));
        }
        for (Thread client : clients) {
            client.join();
        }

        gate.countDown();

        for (TestClaim claim : claims) {
            assertThat(claim.lease().model()).isEqualTo(A);
        }
        assertThat(machine.begun()).isEqualTo(1);
        assertThat(pool.status(A).users()).isEqualTo(100);
    }

    @Test
    void readyModelIsGrantedOnTheThreadThatAsks() throws Exception {
        ModelPool pool = open(settings(), new TestMachine(AT_ONCE));
        ask(pool, "a").lease().release();

        TestClaim second = ask(pool, "a");

        assertThat(second.isUntold()).isFalse();
        assertThat(pool.look(A)).isSameAs(second.lease().engine());
    }

    @Test
    void startWhoseLastWaiterLeftIsInterruptedAndWhatItMadeAllTheSameIsClosed() throws Exception {
        CountDownLatch waiting = new CountDownLatch(1);
        CompletableFuture<Boolean> interrupted = new CompletableFuture<>();
        TestMachine machine = new TestMachine((model, listener) -> {
            waiting.countDown();
            try {
                gate.await();
            } catch (InterruptedException e) {
                interrupted.complete(true);
            }
        });
        ModelPool pool = open(settings(), machine);
        TestClaim claim = ask(pool, "a");
        waiting.await();
        CompletableFuture<ModelStatus> unloaded = seen(pool, ModelState.UNLOADED);

        boolean withdrawn = pool.withdraw(claim);

        assertThat(withdrawn).isTrue();
        await(interrupted);
        assertThat(machine.nextStarted().closed.get(PATIENCE_SECONDS, TimeUnit.SECONDS))
                .as("closed by an interrupted thread")
                .isFalse();
        await(unloaded);
        assertThat(claim.isUntold()).isTrue();
        assertThat(pool.look(A)).isNull();
    }

    @Test
    void lostModelIsStartedAgainAndItsOldLeaseIsHarmless() throws Exception {
        TestMachine machine = new TestMachine(AT_ONCE);
        ModelPool pool = open(settings(), machine);
        Lease old = ask(pool, "a").lease();
        TestMachine.Running first = machine.nextStarted();
        CompletableFuture<ModelStatus> back = seen(pool, ModelState.READY);

        first.lost.complete("killed");

        TestMachine.Running second = machine.nextStarted();
        await(back);
        await(first.closed);
        Lease now = ask(pool, "a").lease();
        old.release();
        assertThat(now.engine()).isSameAs(second);
        assertThat(pool.status(A).users()).isEqualTo(1);
        assertThat(second.closed).isNotDone();
    }

    @Test
    void leaseGivenBackTwiceIsGivenBackOnce() throws Exception {
        ModelPool pool = open(settings(), new TestMachine(AT_ONCE));
        Lease first = ask(pool, "a").lease();
        ask(pool, "a").lease();

        first.release();
        first.release();

        assertThat(pool.status(A).users()).isEqualTo(1);
    }

    @Test
    void closeClosesEnginesInterruptsStartsAndAnswersWaiters() throws Exception {
        CountDownLatch waiting = new CountDownLatch(1);
        CompletableFuture<Boolean> interrupted = new CompletableFuture<>();
        TestMachine machine = new TestMachine((model, listener) -> {
            if (!model.equals(A)) {
                waiting.countDown();
                try {
                    gate.await();
                } catch (InterruptedException e) {
                    interrupted.complete(true);
                    throw e;
                }
            }
        });
        ModelPool pool = open(settings(), machine);
        ask(pool, "a").lease();
        TestClaim starting = ask(pool, "b");
        TestClaim queued = ask(pool, "c");
        waiting.await();

        pool.close();
        pool.close();

        assertThat(interrupted).isCompleted();
        assertThat(machine.nextStarted().closed).isCompleted();
        assertThat(starting.refusal()).isEqualTo(ErrorCode.SERVER_SHUTDOWN);
        assertThat(queued.refusal()).isEqualTo(ErrorCode.SERVER_SHUTDOWN);
        assertThat(ask(pool, "a").refusal()).isEqualTo(ErrorCode.SERVER_SHUTDOWN);
        assertThat(machine.begun()).isEqualTo(2);
    }

    @Test
    void listenersSeeThePhasesInTheirOrder() throws Exception {
        BlockingQueue<ModelState> seen = new LinkedBlockingQueue<>();
        List<ModelState> order = new ArrayList<>();
        ModelPool pool = open(settings(), new TestMachine((model, listener) -> {
            for (LoadPhase phase : LoadPhase.values()) {
                listener.at(phase, 0.5f);
                takeUntil(seen, order, ModelState.valueOf(phase.name()));
            }
        }));
        pool.onChange(status -> seen.add(status.state()));

        ask(pool, "a").lease();

        takeUntil(seen, order, ModelState.READY);
        assertThat(order.stream().distinct())
                .containsSubsequence(ModelState.STARTING, ModelState.LOADING, ModelState.WARMING, ModelState.READY);
        assertThat(order).isSorted();
    }

    private static void takeUntil(BlockingQueue<ModelState> seen, List<ModelState> order, ModelState last)
            throws InterruptedException {
        for (ModelState state = null; state != last; ) {
            state = seen.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
            if (state == null) {
                throw new AssertionError(last + " was not told; seen " + order);
            }
            order.add(state);
        }
    }

    @Test
    void listenerIsToldNoMoreAfterItsEnd() throws Exception {
        ModelPool pool = open(settings(), new TestMachine(AT_ONCE));
        List<ModelStatus> told = new ArrayList<>();
        pool.onChange(told::add).run();

        ask(pool, "a").lease();

        assertThat(told).isEmpty();
    }

    @Test
    void clientOrListenerThatThrowsTakesNothingFromTheOthers() throws Exception {
        ModelPool pool = open(settings(), new TestMachine(gated));
        pool.onChange(status -> {
            throw new IllegalStateException("a listener that must not throw");
        });
        pool.acquire("a", Demand.USUAL, new Claim() {
            @Override
            public void granted(Lease lease) {
                throw new IllegalStateException("a client that must not throw");
            }

            @Override
            public void refused(ErrorCode code, String message, @Nullable Duration retryAfter) {}
        });
        TestClaim other = ask(pool, "a");

        gate.countDown();

        assertThat(other.lease().model()).isEqualTo(A);
    }

    @Test
    void failedStartIsToldWithItsReasonAndAFaultWithoutDetails() throws Exception {
        ModelPool pool = open(settings(), new TestMachine((model, listener) -> {
            if (model.equals(A)) {
                throw new ModelLoadFailedException("the file is damaged");
            }
            throw new AssertionError("a secret of the house");
        }));

        TestClaim.Answer failed = ask(pool, "a").answer();
        TestClaim.Answer fault = ask(pool, "b").answer();

        assertThat(failed.code()).isEqualTo(ErrorCode.MODEL_LOAD_FAILED);
        assertThat(failed.message()).contains("the file is damaged");
        assertThat(fault.code()).isEqualTo(ErrorCode.MODEL_LOAD_FAILED);
        assertThat(fault.message()).doesNotContain("secret");
    }

    @Test
    void unknownNameIsNotFound() throws Exception {
        ModelPool pool = open(settings(), new TestMachine(AT_ONCE));

        TestClaim claim = ask(pool, "no such model");

        assertThat(claim.refusal()).isEqualTo(ErrorCode.MODEL_NOT_FOUND);
    }

    @Test
    void modelsThatAreToBePreloadedLoadAtOnce() throws Exception {
        TestMachine machine = new TestMachine(AT_ONCE);
        PoolSettings usual = PoolSettings.usual();
        PoolSettings preloading = new PoolSettings(
                0,
                null,
                1,
                1,
                1,
                usual.loadTimeout(),
                usual.backoffFirst(),
                usual.backoffMost(),
                Duration.ZERO,
                Duration.ZERO,
                List.of(A));
        pool = ModelPool.open(preloading, new TestModels().needs("a", 1), machine, NanoClock.SYSTEM, () -> 0);

        TestMachine.Running running = machine.nextStarted();

        assertThat(running.model().id()).isEqualTo(A);
        assertThat(pool.statuses()).extracting(ModelStatus::model).containsExactly(A);
    }
}
