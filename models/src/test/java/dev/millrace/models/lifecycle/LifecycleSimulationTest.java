package dev.millrace.models.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.core.error.ErrorCode;
import dev.millrace.core.id.ModelId;
import dev.millrace.models.lifecycle.PoolFixture.Instance;
import dev.millrace.models.lifecycle.PoolFixture.Place;
import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/// Thousands of random histories against the laws of [PoolFixture]. A failure prints its seed; replay it alone with
/// `-Dmillrace.lifecycle.seed=SEED`.
class LifecycleSimulationTest {
    private static final int HISTORIES = Integer.getInteger("millrace.lifecycle.histories", 5_000);

    @Test
    void everyHistoryKeepsTheLawsAndEndsWithEveryRequestAnswered() {
        Long only = Long.getLong("millrace.lifecycle.seed");
        long first = only == null ? 1 : only;
        long last = only == null ? HISTORIES : only;
        Tally tally = new Tally();
        for (long seed = first; seed <= last; seed++) {
            try {
                new History(seed, tally).run();
            } catch (RuntimeException | AssertionError e) {
                throw new AssertionError("seed " + seed + " (replay: -Dmillrace.lifecycle.seed=" + seed + ")", e);
            }
        }
        if (only == null) {
            tally.check(HISTORIES);
        }
    }

    /// How often the rare paths were taken: histories that do not reach them prove nothing about them.
    private static final class Tally {
        private final Map<ErrorCode, Integer> refusals = new EnumMap<>(ErrorCode.class);
        private int granted;
        private int withdrawn;
        private int starts;
        private int stops;
        private int cancelled;
        private int lost;
        private int drains;

        void add(PoolFixture pool) {
            for (Ask ask : pool.asks) {
                granted += ask.isGranted() ? 1 : 0;
                withdrawn += ask.withdrawn ? 1 : 0;
                if (ask.refusal != null) {
                    refusals.merge(ask.refusal().code(), 1, Integer::sum);
                }
            }
            starts += pool.starts.size();
            stops += pool.stops.size();
            cancelled += pool.cancelled.size();
            lost += pool.discarded.size();
        }

        void check(int histories) {
            int many = histories / 2;
            assertThat(refusals.keySet())
                    .contains(
                            ErrorCode.MODEL_LOAD_FAILED,
                            ErrorCode.MODEL_LOAD_TIMEOUT,
                            ErrorCode.MODEL_LOADING,
                            ErrorCode.MODEL_UNLOADED,
                            ErrorCode.INSUFFICIENT_MEMORY,
                            ErrorCode.QUEUE_FULL,
                            ErrorCode.SERVER_SHUTDOWN);
            assertThat(refusals.values()).allMatch(times -> times > histories / 20);
            assertThat(List.of(granted, withdrawn, starts, stops, cancelled, lost))
                    .allMatch(times -> times > many);
            assertThat(drains).isGreaterThan(histories / 20);
        }
    }

    private static final class History {
        private static final int TURNS_TO_QUIET = 600;

        private final SplittableRandom random;
        private final Tally tally;
        private final PoolFixture pool;

        /// What each model really takes; never more than was estimated, unless `honest` is false.
        private final long[] truth;

        private final boolean honest;

        History(long seed, Tally tally) {
            this.random = new SplittableRandom(seed);
            this.tally = tally;
            this.honest = random.nextInt(4) > 0;
            int budget = random.nextInt(5) == 0 ? 0 : random.nextInt(2, 10);
            TestModels models = new TestModels();
            truth = new long[random.nextInt(1, 6)];
            for (int i = 0; i < truth.length; i++) {
                long estimate = random.nextLong(1, 5 * TestSettings.GIB);
                models.needs(name(i), estimate);
                truth[i] =
                        honest ? random.nextLong(estimate / 2, estimate + 1) : random.nextLong(1, 6 * TestSettings.GIB);
            }
            TestSettings settings = TestSettings.settings()
                    .budget(budget)
                    .keepAlive(time(-1, 0, 1, 20, 300))
                    .maxLoaded(random.nextInt(1, 6))
                    .concurrentLoads(random.nextInt(1, 4))
                    .waiters(random.nextInt(1, 9))
                    .loadTimeout(Duration.ofSeconds(random.nextInt(2, 40)))
                    .grace(Duration.ofMillis(random.nextInt(0, 10_000)))
                    .swapAfter(Duration.ofMillis(random.nextInt(0, 3_000)));
            pool = PoolFixture.with(settings, models);
        }

        void run() {
            int steps = random.nextInt(10, 150);
            for (int step = 0; step < steps; step++) {
                act();
                checkMemory();
            }
            if (random.nextInt(10) == 0) {
                pool.close();
            }
            becomeQuiet();
            checkEnd();
            tally.add(pool);
        }

        private void act() {
            switch (random.nextInt(12)) {
                case 0, 1, 2 -> pool.ask(anyName(), demand());
                case 3, 4 -> anyAsk(Ask::isUsing, pool::release);
                case 5 -> anyAsk(Ask::isWaiting, random.nextInt(3) == 0 ? pool::withdraw : ask -> {});
                case 6, 7 -> move();
                case 8 -> wish();
                case 9 -> late();
                case 10 -> pool.pass(Duration.ofMillis(random.nextInt(1, 1_000)));
                default -> pass();
            }
            tally.drains += (int) pool.instances.keySet().stream()
                    .map(model -> pool.policy.status(model, pool.nowNanos))
                    .filter(status -> status.state() == ModelState.READY && status.waiters() > 0)
                    .count();
        }

        private void pass() {
            pool.availableBytes = random.nextInt(3) > 0 ? 0 : random.nextLong(1, 20 * TestSettings.GIB);
            pool.pass(Duration.ofMillis(random.nextInt(1, random.nextInt(8) == 0 ? 20_000 : 300)));
        }

        /// Something on the machine comes to its end.
        private void move() {
            if (pool.instances.isEmpty()) {
                return;
            }
            Instance instance = any(List.copyOf(pool.instances.values()));
            String model = instance.model.value();
            switch (instance.place) {
                case STARTING -> {
                    switch (random.nextInt(8)) {
                        case 0 -> pool.fails(model, "it does not want to");
                        case 1, 2 -> pool.progress(model, any(List.of(LoadPhase.values())), random.nextInt(101) / 100f);
                        default -> pool.ready(model, measured(instance.model));
                    }
                }
                case READY -> {
                    if (random.nextInt(4) == 0) {
                        pool.lost(model);
                    }
                }
                case CANCELLED, STOPPING -> pool.leaves(model);
            }
        }

        private void wish() {
            String model = anyName();
            switch (random.nextInt(6)) {
                case 0, 1 -> pool.load(model, demand());
                case 2 -> pool.unload(model);
                case 3 -> pool.cancelLoad(model);
                case 4 -> pool.pin(model);
                default -> pool.unpin(model);
            }
        }

        /// What a model of an earlier start still has to say, or one that is on its way out.
        private void late() {
            if (pool.instances.isEmpty()) {
                return;
            }
            Instance now = any(List.copyOf(pool.instances.values()));
            int epoch = now.epoch - random.nextInt(1, 4);
            PoolPolicy policy = pool.policy;
            switch (random.nextInt(6)) {
                case 0 -> policy.release(now.model, epoch, pool.nowNanos);
                case 1 -> policy.lost(now.model, epoch, "late", pool.nowNanos);
                case 2 -> policy.stopped(now.model, epoch, pool.nowNanos);
                case 3 -> policy.startEnded(now.model, epoch, "late", pool.nowNanos);
                case 4 ->
                    assertThat(policy.started(now.model, epoch, 1, pool.nowNanos))
                            .isFalse();
                default -> {
                    if (now.place == Place.CANCELLED) {
                        assertThat(policy.started(now.model, now.epoch, 1, pool.nowNanos))
                                .isFalse();
                    } else if (now.place == Place.STOPPING) {
                        policy.lost(now.model, now.epoch, "it was to stop anyway", pool.nowNanos);
                    }
                }
            }
            assertThat(policy.take()).as("effects of what came late").isEmpty();
        }

        private void checkMemory() {
            if (!honest || pool.settings.memoryBudgetBytes() == 0) {
                return;
            }
            long taken = pool.instances.values().stream()
                    .mapToLong(instance ->
                            truth[Integer.parseInt(instance.model.value().substring(1))])
                    .sum();
            assertThat(taken).as("bytes in memory").isLessThanOrEqualTo(pool.settings.memoryBudgetBytes());
        }

        /// Nothing new comes; what is under way ends, and leases are given back.
        private void becomeQuiet() {
            pool.availableBytes = 0;
            for (int turn = 0; turn < TURNS_TO_QUIET && !isQuiet(); turn++) {
                for (Instance instance : List.copyOf(pool.instances.values())) {
                    String model = instance.model.value();
                    switch (instance.place) {
                        case STARTING -> pool.ready(model, measured(instance.model));
                        case CANCELLED, STOPPING -> pool.leaves(model);
                        case READY -> {}
                    }
                }
                pool.asks.stream().filter(Ask::isUsing).forEach(pool::release);
                checkMemory();
                pool.pass(Duration.ofMillis(500));
            }
        }

        private boolean isQuiet() {
            return pool.asks.stream().noneMatch(ask -> ask.isWaiting() || ask.isUsing())
                    && pool.instances.values().stream().allMatch(instance -> instance.place == Place.READY)
                    && Stream.of(ModelState.QUEUED, ModelState.EVICTING)
                            .noneMatch(state -> pool.models.models().stream()
                                    .anyMatch(model -> pool.state(model.value()) == state));
        }

        private void checkEnd() {
            assertThat(pool.asks).as("requests without an answer").noneMatch(Ask::isWaiting);
            assertThat(isQuiet()).as("it becomes quiet").isTrue();
            for (ModelId model : List.copyOf(pool.instances.keySet())) {
                Ask ask = pool.ask(model.value());
                assertThat(ask.isGranted())
                        .as("%s is at rest and serves", model)
                        .isTrue();
                pool.release(ask);
            }
        }

        private Demand demand() {
            boolean usual = random.nextInt(3) > 0;
            return usual
                    ? Demand.USUAL
                    : new Demand(time(-1, 0, 1, 20, 300), random.nextInt(5) > 0, random.nextInt(5) > 0);
        }

        private @Nullable Duration time(int... seconds) {
            int index = random.nextInt(seconds.length + 1);
            return index == seconds.length ? null : Duration.ofSeconds(seconds[index]);
        }

        private long measured(ModelId model) {
            return random.nextInt(3) == 0
                    ? 0
                    : truth[Integer.parseInt(model.value().substring(1))];
        }

        private String anyName() {
            return name(random.nextInt(truth.length));
        }

        private static String name(int index) {
            return "m" + index;
        }

        private void anyAsk(Predicate<Ask> which, Consumer<Ask> act) {
            List<Ask> all = pool.asks.stream().filter(which).toList();
            if (!all.isEmpty()) {
                act.accept(any(all));
            }
        }

        private <T> T any(List<T> all) {
            return all.get(random.nextInt(all.size()));
        }
    }
}
