package dev.millrace.testing.engine;

import dev.millrace.engine.Engine;
import dev.millrace.engine.Generation;
import dev.millrace.engine.GenerationEvent;
import dev.millrace.engine.GenerationEvent.Terminal;
import dev.millrace.engine.GenerationEvent.Token;
import dev.millrace.engine.GenerationRequest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/// Reads one generation the way a server does: polls until empty, then waits for the engine's call. *Confined to
/// the test's thread.*
public final class GenerationProbe {
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final Semaphore available = new Semaphore(0);
    private final List<GenerationEvent> events = new ArrayList<>();
    private final Generation generation;

    private GenerationProbe(Engine engine, GenerationRequest request) {
        generation = engine.submit(request, available::release);
    }

    /// Submits a request and watches it.
    public static GenerationProbe submit(Engine engine, GenerationRequest request) {
        return new GenerationProbe(engine, request);
    }

    /// Submits and reads to the end.
    public static GenerationProbe complete(Engine engine, GenerationRequest request) {
        GenerationProbe probe = submit(engine, request);
        probe.awaitEnd();
        return probe;
    }

    /// The watched generation.
    public Generation generation() {
        return generation;
    }

    /// Everything read so far.
    public List<GenerationEvent> events() {
        return List.copyOf(events);
    }

    /// Reads until the terminal event, and checks that nothing comes behind it.
    public Terminal awaitEnd() {
        while (true) {
            GenerationEvent event = next();
            if (event instanceof Terminal terminal) {
                if (generation.poll() != null) {
                    throw new AssertionError("an event behind the terminal one");
                }
                return terminal;
            }
        }
    }

    /// Reads until `count` tokens were seen, or the end.
    public void awaitTokens(int count) {
        while (tokens().size() < count && !(next() instanceof Terminal)) {
            // Each turn reads one event.
        }
    }

    /// Reads what is there, without waiting.
    public void readAvailable() {
        for (GenerationEvent event = generation.poll(); event != null; event = generation.poll()) {
            events.add(event);
        }
    }

    /// The next event; waits for it.
    public GenerationEvent next() {
        GenerationEvent event = generation.poll();
        while (event == null) {
            awaitSignal();
            event = generation.poll();
        }
        events.add(event);
        return event;
    }

    /// Tokens read so far.
    public List<Token> tokens() {
        return events.stream()
                .filter(Token.class::isInstance)
                .map(Token.class::cast)
                .toList();
    }

    /// Their text.
    public String text() {
        StringBuilder text = new StringBuilder();
        tokens().forEach(token -> text.append(token.text()));
        return text.toString();
    }

    /// The terminal event that was read last.
    public Terminal awaitedEnd() {
        if (events.getLast() instanceof Terminal terminal) {
            return terminal;
        }
        throw new AssertionError("no terminal event yet: " + events);
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
