package dev.millrace.models.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.core.id.ModelId;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/// The policy and the machine it believes to rule: models start, fail and leave when the test says so. Every effect
/// is held against the laws as it comes. *Confined to the test's thread.*
final class PoolFixture {
    static final Duration GRACE = Duration.ofSeconds(10);
    static final Duration SWAP = Duration.ofSeconds(1);
    static final Duration MOMENT = Duration.ofMillis(1);

    /// What the machine does with one model.
    enum Place {
        STARTING,
        CANCELLED,
        READY,
        STOPPING
    }

    /// One start of a model, until it is out of memory again.
    static final class Instance {
        final ModelId model;
        final int epoch;
        Place place = Place.STARTING;
        long readyNanos;
        boolean used;

        Instance(ModelId model, int epoch) {
            this.model = model;
            this.epoch = epoch;
        }
    }

    final PoolPolicy policy;
    final PoolSettings settings;
    final TestModels models;
    final Map<ModelId, Instance> instances = new LinkedHashMap<>();
    final List<Ask> asks = new ArrayList<>();

    /// Every start so far, by name and in order; stops and cancelled starts likewise.
    final List<String> starts = new ArrayList<>();

    final List<String> stops = new ArrayList<>();
    final List<String> cancelled = new ArrayList<>();
    final List<String> discarded = new ArrayList<>();
    final Set<ModelId> pinned = new LinkedHashSet<>();

    /// Below zero on purpose: only differences of the clock mean anything.
    long nowNanos = -Duration.ofMinutes(10).toNanos();

    /// What the machine has free; 0 if unknown.
    long availableBytes;

    boolean closed;
    private boolean unloading;

    private PoolFixture(PoolSettings settings, TestModels models) {
        this.settings = settings;
        this.models = models;
        this.policy = new PoolPolicy(settings, models);
    }

    static PoolFixture with(TestSettings settings) {
        return with(settings, new TestModels());
    }

    static PoolFixture with(TestSettings settings, TestModels models) {
        return new PoolFixture(settings.build(), models);
    }

    static ModelId id(String model) {
        return new ModelId(model);
    }

    // --- Requests

    Ask ask(String model) {
        return ask(model, Demand.USUAL);
    }

    Ask ask(String model, Demand demand) {
        Ask ask = new Ask(id(model), nowNanos);
        asks.add(ask);
        int epoch = policy.grantNow(ask.model, demand, nowNanos);
        if (epoch > 0) {
            granted(ask, ask.model, epoch);
        } else {
            policy.acquire(ask.model, demand, ask, nowNanos);
        }
        carryOut();
        return ask;
    }

    /// A request that is served, and its model loaded for it if it must be.
    Ask granted(String model) {
        return granted(model, Demand.USUAL);
    }

    Ask granted(String model, Demand demand) {
        Ask ask = ask(model, demand);
        if (ask.isWaiting()) {
            ready(model);
        }
        assertThat(ask.isGranted()).as(ask.toString()).isTrue();
        return ask;
    }

    List<Ask> ask(String model, int times) {
        List<Ask> several = new ArrayList<>();
        for (int i = 0; i < times; i++) {
            several.add(ask(model));
        }
        return several;
    }

    void release(Ask ask) {
        assertThat(ask.isUsing()).as("%s holds a lease", ask).isTrue();
        ask.released = true;
        policy.release(ask.model, ask.epoch, nowNanos);
        carryOut();
    }

    void release(Collection<Ask> asks) {
        asks.forEach(this::release);
    }

    void withdraw(Ask ask) {
        boolean waited = ask.isWaiting();
        boolean withdrawn = policy.withdraw(ask, nowNanos);
        assertThat(withdrawn).as("withdrawn: %s", ask).isEqualTo(waited);
        ask.withdrawn = withdrawn;
        carryOut();
    }

    // --- Wishes

    void load(String model) {
        load(model, Demand.USUAL);
    }

    void load(String model, Demand demand) {
        policy.load(id(model), demand, nowNanos);
        carryOut();
    }

    void unload(String model) {
        pinned.remove(id(model));
        unloading = true;
        policy.unload(id(model), nowNanos);
        carryOut();
        unloading = false;
    }

    void cancelLoad(String model) {
        policy.cancelLoad(id(model), nowNanos);
        carryOut();
    }

    void pin(String model) {
        pinned.add(id(model));
        policy.pin(id(model), true, nowNanos);
        carryOut();
    }

    void unpin(String model) {
        pinned.remove(id(model));
        policy.pin(id(model), false, nowNanos);
        carryOut();
    }

    // --- What happens on the machine

    /// The start ends well, and the model takes what was expected.
    int ready(String model) {
        return ready(model, 0);
    }

    int ready(String model, long measuredBytes) {
        Instance instance = instance(model, Place.STARTING);
        instance.place = Place.READY;
        instance.readyNanos = nowNanos;
        assertThat(policy.started(instance.model, instance.epoch, measuredBytes, nowNanos))
                .as("still wanted")
                .isTrue();
        carryOut();
        return instance.epoch;
    }

    void progress(String model, LoadPhase phase, float fraction) {
        policy.progress(id(model), instance(model, Place.STARTING).epoch, phase, fraction);
        carryOut();
    }

    void fails(String model, String reason) {
        Instance instance = instance(model, Place.STARTING);
        instances.remove(instance.model);
        policy.startEnded(instance.model, instance.epoch, reason, nowNanos);
        carryOut();
    }

    /// What was told to stop, or whose start was cancelled, has left.
    void leaves(String model) {
        Instance instance = instances.remove(id(model));
        assertThat(instance).as("%s is told to leave", model).isNotNull();
        switch (instance.place) {
            case CANCELLED -> policy.startEnded(instance.model, instance.epoch, "the start was cancelled", nowNanos);
            case STOPPING -> policy.stopped(instance.model, instance.epoch, nowNanos);
            case STARTING, READY -> throw new AssertionError(model + " was not told to leave");
        }
        carryOut();
    }

    void lost(String model) {
        Instance instance = instance(model, Place.READY);
        instances.remove(instance.model);
        asks.stream()
                .filter(ask -> ask.isUsing() && ask.model.equals(instance.model))
                .forEach(ask -> ask.released = true);
        policy.lost(instance.model, instance.epoch, "the engine ended by itself", nowNanos);
        carryOut();
    }

    /// Time goes by; ten times a second the policy is told.
    void pass(Duration time) {
        long endNanos = nowNanos + time.toNanos();
        while (nowNanos < endNanos) {
            nowNanos = Math.min(endNanos, nowNanos + 100_000_000);
            tick();
        }
    }

    void tick() {
        policy.tick(nowNanos, availableBytes, nowNanos);
        carryOut();
    }

    void close() {
        closed = true;
        policy.close();
        carryOut();
    }

    // --- What can be seen

    ModelStatus status(String model) {
        return policy.status(id(model), nowNanos);
    }

    ModelState state(String model) {
        return status(model).state();
    }

    private Instance instance(String model, Place place) {
        Instance instance = instances.get(id(model));
        assertThat(instance).as("%s is on the machine", model).isNotNull();
        assertThat(instance.place).as(model).isEqualTo(place);
        return instance;
    }

    long using(ModelId model) {
        return asks.stream()
                .filter(ask -> ask.isUsing() && ask.model.equals(model))
                .count();
    }

    // --- Laws

    private void carryOut() {
        for (Effect effect : policy.take()) {
            switch (effect) {
                case Effect.Start(ModelId model, int epoch) -> started(model, epoch);
                case Effect.CancelStart(ModelId model, int epoch) -> {
                    change(model, epoch, Place.STARTING, Place.CANCELLED);
                    cancelled.add(model.value());
                }
                case Effect.Stop(ModelId model, int epoch) -> stopped(model, epoch);
                case Effect.Discard(ModelId model, int epoch) -> discarded.add(model + " " + epoch);
                case Effect.Grant(Claim claim, ModelId model, int epoch) -> granted((Ask) claim, model, epoch);
                case Effect.Refuse refusal -> {
                    Ask ask = (Ask) refusal.claim();
                    assertThat(ask.isWaiting()).as("refused: %s", ask).isTrue();
                    ask.refusal = refusal;
                }
                case Effect.Changed _ -> {}
            }
        }
        policy.checkInvariants();
        for (Instance instance : instances.values()) {
            assertThat(policy.status(instance.model, nowNanos).users())
                    .as("users of %s", instance.model)
                    .isEqualTo((int) using(instance.model));
        }
    }

    private void started(ModelId model, int epoch) {
        assertThat(instances).as("one start at a time").doesNotContainKey(model);
        instances.put(model, new Instance(model, epoch));
        starts.add(model.value());
        long starting = instances.values().stream()
                .filter(instance -> instance.place == Place.STARTING)
                .count();
        assertThat(starting).as("concurrent starts").isLessThanOrEqualTo(settings.maxConcurrentLoads());
        assertThat(instances).as("models in memory").hasSizeLessThanOrEqualTo(settings.maxLoaded());
    }

    private void stopped(ModelId model, int epoch) {
        change(model, epoch, Place.READY, Place.STOPPING);
        stops.add(model.value());
        if (closed) {
            return;
        }
        Instance instance = Objects.requireNonNull(instances.get(model));
        boolean hadItsChance = instance.used
                || nowNanos - instance.readyNanos >= settings.unusedGrace().toNanos();
        assertThat(using(model)).as("users of %s, which is to stop", model).isZero();
        assertThat(pinned).as("pinned, and to stop").doesNotContain(model);
        assertThat(hadItsChance || unloading)
                .as("%s had its chance before it stops", model)
                .isTrue();
    }

    private void granted(Ask ask, ModelId model, int epoch) {
        assertThat(ask.isWaiting()).as("granted: %s", ask).isTrue();
        assertThat(model).as("the model of %s", ask).isEqualTo(ask.model);
        Instance instance = instances.get(model);
        assertThat(instance).as("%s was granted and is not there", model).isNotNull();
        assertThat(instance.place).as("%s was granted", model).isEqualTo(Place.READY);
        assertThat(instance.epoch).as("epoch granted").isEqualTo(epoch);
        instance.used = true;
        ask.epoch = epoch;
        ask.grantedNanos = nowNanos;
    }

    private void change(ModelId model, int epoch, Place from, Place to) {
        Instance instance = instances.get(model);
        assertThat(instance).as("%s is on the machine", model).isNotNull();
        assertThat(instance.epoch).as("epoch of %s", model).isEqualTo(epoch);
        assertThat(instance.place).as("%s becomes %s", model, to).isEqualTo(from);
        instance.place = to;
    }
}
