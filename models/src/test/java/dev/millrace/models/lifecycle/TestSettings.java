package dev.millrace.models.lifecycle;

import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Pool settings, one word each; what is not said is as usual. *Confined to the test's thread.*
final class TestSettings {
    static final long GIB = 1L << 30;

    private long budgetBytes;

    @Nullable
    private Duration keepAlive = Duration.ofMinutes(5);

    private int maxLoaded = 16;
    private int concurrentLoads = 1;
    private int waiters = 512;
    private Duration loadTimeout = Duration.ofMinutes(5);
    private Duration backoffFirst = Duration.ofSeconds(1);
    private Duration backoffMost = Duration.ofSeconds(60);
    private Duration grace = Duration.ofSeconds(10);
    private Duration swapAfter = Duration.ofSeconds(1);

    private TestSettings() {}

    static TestSettings settings() {
        return new TestSettings();
    }

    TestSettings budget(long gib) {
        budgetBytes = gib * GIB;
        return this;
    }

    TestSettings keepAlive(@Nullable Duration time) {
        keepAlive = time;
        return this;
    }

    TestSettings maxLoaded(int models) {
        maxLoaded = models;
        return this;
    }

    TestSettings concurrentLoads(int loads) {
        concurrentLoads = loads;
        return this;
    }

    TestSettings waiters(int most) {
        waiters = most;
        return this;
    }

    TestSettings loadTimeout(Duration time) {
        loadTimeout = time;
        return this;
    }

    TestSettings backoff(Duration first, Duration most) {
        backoffFirst = first;
        backoffMost = most;
        return this;
    }

    TestSettings grace(Duration time) {
        grace = time;
        return this;
    }

    TestSettings swapAfter(Duration time) {
        swapAfter = time;
        return this;
    }

    PoolSettings build() {
        return new PoolSettings(
                budgetBytes,
                keepAlive,
                maxLoaded,
                concurrentLoads,
                waiters,
                loadTimeout,
                backoffFirst,
                backoffMost,
                grace,
                swapAfter,
                List.of());
    }
}
