package dev.millrace.llama.bench;

import dev.millrace.engine.Engine;
import dev.millrace.engine.Generation;
import dev.millrace.engine.GenerationEvent;
import dev.millrace.engine.GenerationEvent.Terminal;
import dev.millrace.engine.GenerationEvent.Token;
import dev.millrace.engine.GenerationRequest;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;

/// Reads one generation on its own virtual thread and notes when each token arrived.
final class StreamReader {
    private final Semaphore available = new Semaphore(0);
    private final List<Long> arrivals = new ArrayList<>();
    private final CountDownLatch ended = new CountDownLatch(1);
    private final Semaphore tokens = new Semaphore(0);
    private final long submittedNanos = System.nanoTime();
    private final Generation generation;
    private volatile @Nullable Terminal end;

    private StreamReader(Engine engine, GenerationRequest request) {
        generation = engine.submit(request, available::release);
        Thread.ofVirtual().start(this::read);
    }

    static StreamReader start(Engine engine, GenerationRequest request) {
        return new StreamReader(engine, request);
    }

    static StreamReader complete(Engine engine, GenerationRequest request) {
        StreamReader reader = start(engine, request);
        reader.awaitEnd();
        return reader;
    }

    private void read() {
        while (end == null) {
            GenerationEvent event = generation.poll();
            if (event == null) {
                available.acquireUninterruptibly();
            } else if (event instanceof Token) {
                arrivals.add(System.nanoTime());
                tokens.release();
            } else if (event instanceof Terminal terminal) {
                end = terminal;
            }
        }
        ended.countDown();
        tokens.release(1_000_000);
    }

    void awaitTokens(int count) {
        tokens.acquireUninterruptibly(count);
    }

    void awaitEnd() {
        try {
            ended.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
        if (end() instanceof GenerationEvent.Failed failed) {
            throw new IllegalStateException(failed.toString());
        }
    }

    void cancelAndAwaitEnd() {
        generation.cancel();
        awaitEnd();
    }

    Terminal end() {
        return Objects.requireNonNull(end, "not ended");
    }

    long submittedNanos() {
        return submittedNanos;
    }

    /// Arrival of each token, once ended.
    List<Long> arrivalNanos() {
        return arrivals;
    }

    double firstTokenMillis() {
        return (arrivals.getFirst() - submittedNanos) / 1e6;
    }

    int tokensBetween(long fromNanos, long toNanos) {
        return (int) arrivals.stream()
                .filter(nanos -> nanos > fromNanos && nanos <= toNanos)
                .count();
    }

    /// Nearest-rank percentile of the gaps that end within the interval.
    double gapMillis(double share, long fromNanos, long toNanos) {
        List<Double> gaps = new ArrayList<>();
        for (int i = 1; i < arrivals.size(); i++) {
            if (arrivals.get(i) > fromNanos && arrivals.get(i) <= toNanos) {
                gaps.add((arrivals.get(i) - arrivals.get(i - 1)) / 1e6);
            }
        }
        gaps.sort(null);
        return gaps.isEmpty() ? Double.NaN : gaps.get((int) Math.ceil(share * gaps.size()) - 1);
    }
}
