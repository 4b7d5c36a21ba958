package dev.millrace.testing.engine;

import dev.millrace.core.id.RequestId;
import dev.millrace.engine.Embedding;
import dev.millrace.engine.EmbeddingEvent;
import dev.millrace.engine.EmbeddingEvent.Terminal;
import dev.millrace.engine.EmbeddingEvent.Vector;
import dev.millrace.engine.EmbeddingRequest;
import dev.millrace.engine.Engine;
import dev.millrace.engine.Prompt;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/// Reads one embedding request the way a server does: polls until empty, then waits for the engine's call. *Confined to
/// the test's thread.*
public final class EmbeddingProbe {
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final Semaphore available = new Semaphore(0);
    private final List<EmbeddingEvent> events = new ArrayList<>();
    private final Embedding embedding;

    private EmbeddingProbe(Engine engine, EmbeddingRequest request) {
        embedding = engine.embed(request, available::release);
    }

    /// Submits a request and watches it.
    public static EmbeddingProbe submit(Engine engine, EmbeddingRequest request) {
        return new EmbeddingProbe(engine, request);
    }

    /// A request for the vectors of texts.
    public static EmbeddingRequest texts(String... texts) {
        List<Prompt> inputs =
                Arrays.stream(texts).map(text -> (Prompt) new Prompt.Text(text)).toList();
        return new EmbeddingRequest(new RequestId("embedding"), inputs, EmbeddingRequest.OWN_DIMENSIONS);
    }

    /// Submits texts and reads to the end.
    public static EmbeddingProbe complete(Engine engine, String... texts) {
        return complete(engine, texts(texts));
    }

    /// Submits inputs and reads to the end.
    public static EmbeddingProbe complete(Engine engine, List<Prompt> inputs) {
        return complete(
                engine, new EmbeddingRequest(new RequestId("embedding"), inputs, EmbeddingRequest.OWN_DIMENSIONS));
    }

    /// Submits and reads to the end.
    public static EmbeddingProbe complete(Engine engine, EmbeddingRequest request) {
        EmbeddingProbe probe = submit(engine, request);
        probe.awaitEnd();
        return probe;
    }

    /// The watched request.
    public Embedding embedding() {
        return embedding;
    }

    /// Everything read so far.
    public List<EmbeddingEvent> events() {
        return List.copyOf(events);
    }

    /// Vectors read so far.
    public List<float[]> vectors() {
        return events.stream()
                .filter(Vector.class::isInstance)
                .map(event -> ((Vector) event).values())
                .toList();
    }

    /// Reads until the terminal event, and checks that nothing comes behind it.
    public Terminal awaitEnd() {
        while (true) {
            EmbeddingEvent event = embedding.poll();
            if (event == null) {
                awaitSignal();
                continue;
            }
            events.add(event);
            if (event instanceof Terminal terminal) {
                if (embedding.poll() != null) {
                    throw new AssertionError("an event behind the terminal one");
                }
                return terminal;
            }
        }
    }

    /// The terminal event that was read last.
    public Terminal end() {
        if (events.getLast() instanceof Terminal terminal) {
            return terminal;
        }
        throw new AssertionError("no terminal event yet: " + events);
    }

    /// How alike two vectors of length 1 are.
    public static double cosine(float[] a, float[] b) {
        double sum = 0;
        for (int i = 0; i < a.length; i++) {
            sum += (double) a[i] * b[i];
        }
        return sum;
    }

    private void awaitSignal() {
        try {
            if (!available.tryAcquire(PATIENCE.toMillis(), TimeUnit.MILLISECONDS)) {
                throw new AssertionError("no event within " + PATIENCE + "; so far: " + events);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted", e);
        }
    }
}
