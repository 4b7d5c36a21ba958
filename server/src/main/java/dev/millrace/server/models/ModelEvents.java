package dev.millrace.server.models;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/// Hands changes of models to whoever watches. *Thread-safe.* A watcher that is slow misses what was overtaken, never
/// the latest.
public final class ModelEvents {
    /// Most watchers at once.
    public static final int MAX_WATCHERS = 64;

    private final Set<Watcher> watchers = ConcurrentHashMap.newKeySet();

    /// Takes what happened, from any thread.
    public void tell(ModelEvent event) {
        watchers.forEach(watcher -> watcher.add(event));
    }

    /// Begins to watch.
    ///
    /// @return false if there are too many watchers
    public boolean add(Watcher watcher) {
        return watchers.size() < MAX_WATCHERS && watchers.add(watcher);
    }

    /// Ends it. Idempotent.
    public void remove(Watcher watcher) {
        watchers.remove(watcher);
    }

    /// One who watches: the latest event of each model and download since it last looked. *Thread-safe.*
    public static final class Watcher {
        private final Map<String, ModelEvent> latest = new LinkedHashMap<>();
        private final Runnable onAvailable;

        /// @param onAvailable called by any thread when there is something to take; must return quickly
        public Watcher(Runnable onAvailable) {
            this.onAvailable = onAvailable;
        }

        private void add(ModelEvent event) {
            synchronized (latest) {
                latest.put(event.subject(), event);
            }
            onAvailable.run();
        }

        /// What happened since the last call.
        public List<ModelEvent> take() {
            synchronized (latest) {
                List<ModelEvent> taken = List.copyOf(latest.values());
                latest.clear();
                return taken;
            }
        }
    }
}
