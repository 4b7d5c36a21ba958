package dev.millrace.testing.fault;

import java.io.InterruptedIOException;
import java.util.concurrent.Exchanger;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/// Exchanges the next replies of two connections. *Thread-safe.*
final class ReplySwap {
    private static final long PATIENCE_SECONDS = 10;

    private final AtomicReference<@Nullable Pair> next = new AtomicReference<>();
    private final AtomicInteger done = new AtomicInteger();

    /// Two connections that give each other their replies.
    final class Pair {
        private final Exchanger<byte[]> exchanger = new Exchanger<>();
        private final AtomicInteger members = new AtomicInteger();
        private final int quietMillis;

        Pair(int quietMillis) {
            this.quietMillis = quietMillis;
        }

        /// How long a connection is silent behind a reply that is whole.
        int quietMillis() {
            return quietMillis;
        }

        /// @return the other's reply; the own one if no other comes in time
        byte[] exchange(byte[] reply) throws InterruptedIOException {
            try {
                byte[] other = exchanger.exchange(reply, PATIENCE_SECONDS, TimeUnit.SECONDS);
                done.incrementAndGet();
                return other;
            } catch (TimeoutException e) {
                next.compareAndSet(this, null);
                return reply;
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new InterruptedIOException("the proxy closes");
            }
        }
    }

    /// Lets the next two connections with a reply swap them.
    void arm(int quietMillis) {
        next.set(new Pair(quietMillis));
    }

    /// The pair that a connection with a reply belongs to, if there is one that still needs it.
    @Nullable
    Pair join() {
        Pair pair = next.get();
        if (pair == null) {
            return null;
        }
        int member = pair.members.incrementAndGet();
        if (member == 2) {
            next.compareAndSet(pair, null);
        }
        return member <= 2 ? pair : null;
    }

    /// Replies that went to the other's client.
    int swapped() {
        return done.get();
    }
}
