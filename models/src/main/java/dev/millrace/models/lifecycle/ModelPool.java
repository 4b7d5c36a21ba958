package dev.millrace.models.lifecycle;

import dev.millrace.core.id.ModelId;
import dev.millrace.core.time.NanoClock;
import dev.millrace.engine.Engine;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/// The models in memory, and the requests that wait for one. *Thread-safe.*
///
/// Every claim is answered exactly once unless it is withdrawn first. No method waits for a load or an unload.
public interface ModelPool extends AutoCloseable {
    /// A pool over models of this machine. What the settings say to preload begins to load at once.
    ///
    /// @param availableBytes what the machine has free now, in bytes; 0 if unknown
    static ModelPool open(
            PoolSettings settings,
            ModelSource source,
            EngineStarter starter,
            NanoClock clock,
            LongSupplier availableBytes) {
        return LocalPool.open(settings, source, starter, clock, availableBytes);
    }

    /// Asks for a model by its name or alias. A ready model is granted before this returns, on the caller's thread.
    void acquire(String model, Demand demand, Claim claim);

    /// Takes a claim back because its caller left or its deadline passed. A load that nobody else waits for and
    /// nobody asked for by [#load] is dropped.
    ///
    /// @return true if the claim was still waiting and will not be answered; false if it was or is being answered
    boolean withdraw(Claim claim);

    /// Loads a model and keeps it by the demand's time, also if no request waits for it.
    void load(ModelId model, Demand demand);

    /// Takes a model out of memory once its leases are back; until then it gives out no new ones.
    void unload(ModelId model);

    /// Stops the start of a model, in any phase; its waiters are refused.
    void cancelLoad(ModelId model);

    /// Keeps a model in memory, once it is there, until it is unpinned.
    void pin(ModelId model);

    /// Undoes [#pin].
    void unpin(ModelId model);

    /// Every model of the source, in its order.
    List<ModelStatus> statuses();

    /// One model, by its name.
    ModelStatus status(ModelId model);

    /// The engine of a model that is ready, to look at; `null` if it is not. Whoever submits to it takes a lease.
    @Nullable
    Engine look(ModelId model);

    /// Tells `listener` of changes, coalesced per model and never while a lock is held.
    ///
    /// @return ends the telling; idempotent
    Runnable onChange(Consumer<ModelStatus> listener);

    /// Refuses all waiters, stops all starts and closes all engines. Idempotent.
    @Override
    void close();
}
