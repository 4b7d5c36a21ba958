package dev.millrace.testing.upstream;

import dev.millrace.core.time.NanoClock;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.IntFunction;

/// What came and how it ended. *Thread-safe.*
final class Ledger {
    static final int MAX_REMEMBERED = 10_000;

    private final NanoClock clock;
    private final Deque<SeenRequest> seen = new ArrayDeque<>();
    private final Deque<SeenRequest> departures = new ArrayDeque<>();
    private int count;
    private int active;
    private int gone;
    private int pages;

    Ledger(NanoClock clock) {
        this.clock = clock;
    }

    /// @param request makes the request of an index
    synchronized SeenRequest enter(IntFunction<SeenRequest> request) {
        SeenRequest entered = request.apply(count++);
        active++;
        remember(seen, entered);
        notifyAll();
        return entered;
    }

    synchronized void leave(SeenRequest request, boolean clientGone) {
        active--;
        if (clientGone) {
            gone++;
            remember(departures, request);
        }
        notifyAll();
    }

    synchronized int page() {
        return pages++;
    }

    synchronized List<SeenRequest> seen() {
        return List.copyOf(seen);
    }

    synchronized int count() {
        return count;
    }

    synchronized int active() {
        return active;
    }

    synchronized int gone() {
        return gone;
    }

    synchronized int pages() {
        return pages;
    }

    /// The oldest departure that nobody took yet; waits for it.
    synchronized SeenRequest takeDeparture(Duration limit) {
        await(() -> !departures.isEmpty(), limit, "no client left");
        return departures.removeFirst();
    }

    synchronized void awaitCount(int requests, Duration limit) {
        await(() -> count >= requests, limit, "fewer than " + requests + " requests came");
    }

    synchronized void awaitIdle(Duration limit) {
        await(() -> active == 0, limit, "requests are still being answered");
    }

    private synchronized void await(BooleanSupplier condition, Duration limit, String otherwise) {
        long deadline = clock.nanoTime() + limit.toNanos();
        try {
            while (!condition.getAsBoolean()) {
                long left = deadline - clock.nanoTime();
                if (left <= 0) {
                    throw new AssertionError(otherwise + " within " + limit + "; requests: " + count + ", active: "
                            + active + ", clients gone: " + gone);
                }
                // Rounded up: a wait of zero would have no end.
                wait(TimeUnit.NANOSECONDS.toMillis(left) + 1);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted", e);
        }
    }

    private static void remember(Deque<SeenRequest> requests, SeenRequest request) {
        if (requests.size() == MAX_REMEMBERED) {
            requests.removeFirst();
        }
        requests.addLast(request);
    }
}
