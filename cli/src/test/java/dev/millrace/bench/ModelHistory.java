package dev.millrace.bench;

import dev.millrace.cli.client.ModelView;
import dev.millrace.cli.client.ModelWatch;
import dev.millrace.cli.client.ServerClient;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What `/models/sse` of a server told, and when it came. *Thread-safe.*
final class ModelHistory implements AutoCloseable {
    private static final long PATIENCE_MILLIS = 60_000;

    private final ModelWatch watch;
    private final Object lock = new Object();
    private final Map<String, String> latest = new HashMap<>();
    private final List<Moment> moments = new ArrayList<>();
    private @Nullable String broken;

    private ModelHistory(ModelWatch watch) {
        this.watch = watch;
    }

    /// A change of state.
    ///
    /// @param state a phase of loading, else what `status` calls `value`
    /// @param nanos when it came, by [System#nanoTime]
    record Moment(String model, String state, long nanos) {}

    /// Begins to watch.
    static ModelHistory follow(ServerClient client) throws Exception {
        ModelHistory history = new ModelHistory(client.watchModels());
        Thread.ofPlatform().daemon().name("model-history").start(history::read);
        return history;
    }

    private void read() {
        String end = "the server ended the events";
        try {
            for (ModelView view = watch.next(); view != null; view = watch.next()) {
                note(view, System.nanoTime());
            }
        } catch (IOException e) {
            end = String.valueOf(e.getMessage());
        }
        synchronized (lock) {
            broken = end;
            lock.notifyAll();
        }
    }

    private void note(ModelView view, long nanos) {
        String state = view.phase().isEmpty() ? view.value() : view.phase();
        synchronized (lock) {
            if (!state.equals(latest.put(view.name(), state))) {
                moments.add(new Moment(view.name(), state, nanos));
                lock.notifyAll();
            }
        }
    }

    /// Waits until the model was last told to be in this state.
    void await(String model, String state) throws InterruptedException {
        long endNanos = System.nanoTime() + PATIENCE_MILLIS * 1_000_000;
        synchronized (lock) {
            while (!state.equals(latest.get(model))) {
                long leftMillis = (endNanos - System.nanoTime()) / 1_000_000;
                if (broken != null || leftMillis <= 0) {
                    throw new IllegalStateException(model + " is " + latest.get(model) + " (expected: " + state + "): "
                            + (broken == null ? "not within " + PATIENCE_MILLIS / 1000 + " s" : broken));
                }
                lock.wait(leftMillis);
            }
        }
    }

    /// All changes since the last call.
    List<Moment> take() {
        synchronized (lock) {
            List<Moment> taken = List.copyOf(moments);
            moments.clear();
            return taken;
        }
    }

    @Override
    public void close() {
        watch.stop();
    }
}
