package dev.millrace.server.models;

import dev.millrace.core.id.ModelId;
import dev.millrace.models.lifecycle.ModelStatus;
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

    /// Takes a change from the pool.
    public void changed(ModelStatus status) {
        watchers.forEach(watcher -> watcher.add(status));
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

    /// One who watches: the latest status of each model that changed since it last looked. *Thread-safe.*
    public static final class Watcher {
        private final Map<ModelId, ModelStatus> latest = new LinkedHashMap<>();
        private final Runnable onAvailable;

        /// @param onAvailable called by any thread when there is something to take; must return quickly
        public Watcher(Runnable onAvailable) {
            this.onAvailable = onAvailable;
        }

        private void add(ModelStatus status) {
            synchronized (latest) {
                latest.put(status.model(), status);
            }
            onAvailable.run();
        }

        /// What changed since the last call.
        public List<ModelStatus> take() {
            synchronized (latest) {
                List<ModelStatus> taken = List.copyOf(latest.values());
                latest.clear();
                return taken;
            }
        }
    }
}
