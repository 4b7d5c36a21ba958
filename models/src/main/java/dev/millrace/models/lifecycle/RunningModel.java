package dev.millrace.models.lifecycle;

import dev.millrace.engine.Engine;
import java.util.concurrent.CompletionStage;

/// A model that was started and not yet closed. *Thread-safe.*
///
/// Whoever started it owns it; closing [#engine] frees its memory and may take seconds.
public interface RunningModel {
    /// The engine that serves it.
    Engine engine();

    /// The bytes it was measured to keep in memory after the load; 0 if unknown.
    long residentBytes();

    /// Completes with the reason when the engine is lost without having been closed; never fails.
    CompletionStage<String> lost();
}
