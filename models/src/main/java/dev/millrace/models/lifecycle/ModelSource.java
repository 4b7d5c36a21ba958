package dev.millrace.models.lifecycle;

import dev.millrace.core.id.ModelId;
import java.util.List;
import java.util.Optional;

/// Which models there are and what each needs. *Thread-safe*; answers from memory, without I/O.
public interface ModelSource {
    /// Every model that could be started, in a stable order.
    List<ModelId> models();

    /// Whether there is such a model.
    boolean has(ModelId model);

    /// The model that a request's name or alias means; empty if there is none.
    Optional<ModelId> resolve(String name);

    /// What the model is by its content, in one line of text: another content has another identity. Its name,
    /// if no more is known.
    default String identity(ModelId model) {
        return model.value();
    }

    /// The memory that a model will need, before anything about it was measured.
    MemoryNeed estimate(ModelId model);
}
