package dev.millrace.models.lifecycle;

import dev.millrace.core.id.ModelId;
import dev.millrace.engine.Engine;

/// The right to use a model in memory, which cannot be evicted meanwhile. *Thread-safe.*
public interface Lease {
    /// The engine to submit to; not to be closed by the holder.
    Engine engine();

    /// The model it runs.
    ModelId model();

    /// Gives the model back. Idempotent.
    void release();
}
