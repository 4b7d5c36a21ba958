package dev.millrace.server.upstream;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;

/// What the event loops share of one endpoint's pool: how many connections there may still be, and the counts.
/// *Thread-safe.* A connection itself belongs to one event loop for its whole life.
final class PoolShare {
    private final int size;
    private final AtomicInteger open = new AtomicInteger();
    private final AtomicInteger inUse = new AtomicInteger();
    private final AtomicInteger waiting = new AtomicInteger();
    private final LongAdder created = new LongAdder();
    private final LongAdder reused = new LongAdder();
    private final LongAdder failed = new LongAdder();
    private final LongAdder timedOut = new LongAdder();
    private final List<LoopPool> pools = new CopyOnWriteArrayList<>();

    PoolShare(int size) {
        this.size = size;
    }

    void join(LoopPool pool) {
        pools.add(pool);
    }

    void part(LoopPool pool) {
        pools.remove(pool);
    }

    /// Takes the right to open one connection.
    boolean mayOpen() {
        int now = open.get();
        while (now < size) {
            if (open.compareAndSet(now, now + 1)) {
                return true;
            }
            now = open.get();
        }
        return false;
    }

    /// A connection is gone, or was never opened. An event loop that waits for the right to open one is told.
    void closed() {
        open.decrementAndGet();
        if (waiting.get() > 0) {
            for (LoopPool pool : pools) {
                pool.mayOpenAgain();
            }
        }
    }

    /// An event loop has nobody idle and may not open more: the others give up one that they do not use.
    void wanted(LoopPool by) {
        for (LoopPool pool : pools) {
            if (!pool.equals(by)) {
                pool.giveUpOne();
            }
        }
    }

    void waits(int more) {
        waiting.addAndGet(more);
    }

    void taken(boolean again) {
        inUse.incrementAndGet();
        (again ? reused : created).increment();
    }

    void returned() {
        inUse.decrementAndGet();
    }

    void failedToOpen() {
        failed.increment();
    }

    void waitedTooLong() {
        timedOut.increment();
    }

    PoolCounts counts() {
        return new PoolCounts(
                open.get(), inUse.get(), waiting.get(), created.sum(), reused.sum(), failed.sum(), timedOut.sum());
    }
}
