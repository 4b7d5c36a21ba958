package dev.millrace.models.download;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/// A few virtual threads that end together: the first failure stops all others. *Confined to one thread.*
final class Crew {
    private final ProgressBoard board;

    Crew(ProgressBoard board) {
        this.board = board;
    }

    /// What each thread does.
    @FunctionalInterface
    interface Work {
        void run(StopSignal stop) throws PullException;
    }

    /// Runs `work` on `count` threads and returns when all have ended; reports progress meanwhile. Threads are never
    /// interrupted: that would close the files they write.
    void run(int count, Work work, StopSignal outer) throws PullException {
        StopSignal stop = new StopSignal();
        outer.attach(stop);
        AtomicReference<@Nullable Throwable> first = new AtomicReference<>();
        CountDownLatch ended = new CountDownLatch(count);
        for (int i = 0; i < count; i++) {
            Thread.ofVirtual().name("pull-" + i).start(() -> {
                try {
                    work.run(stop);
                } catch (PullException | RuntimeException | Error e) {
                    first.compareAndSet(null, e);
                    stop.stop();
                } finally {
                    ended.countDown();
                }
            });
        }
        boolean interrupted = awaitAll(ended, stop);
        outer.detach(stop);
        board.report();
        if (interrupted) {
            Thread.currentThread().interrupt();
            throw new PullException(PullError.INTERRUPTED, "interrupted");
        }
        outer.check();
        rethrow(first.get());
    }

    private boolean awaitAll(CountDownLatch ended, StopSignal stop) {
        boolean interrupted = false;
        while (true) {
            try {
                if (ended.await(ProgressBoard.INTERVAL.toMillis(), TimeUnit.MILLISECONDS)) {
                    return interrupted;
                }
                board.report();
            } catch (InterruptedException e) {
                interrupted = true;
                stop.stop();
            }
        }
    }

    private static void rethrow(@Nullable Throwable failure) throws PullException {
        switch (failure) {
            case null -> {}
            case PullException e -> throw e;
            case RuntimeException e -> throw e;
            case Error e -> throw e;
            default -> throw new IllegalStateException(failure);
        }
    }
}
