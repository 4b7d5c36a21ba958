package dev.millrace.models.lifecycle;

import dev.millrace.core.error.ErrorCode;
import dev.millrace.core.id.ModelId;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// What the policy wants done, in order. *Immutable.*
sealed interface Effect {
    /// Start the model; its outcome comes back with this epoch.
    record Start(ModelId model, int epoch) implements Effect {}

    /// End a start that is on its way; the policy wants to hear when it has ended.
    record CancelStart(ModelId model, int epoch) implements Effect {}

    /// Take a model out of memory; the policy wants to hear when it is out.
    record Stop(ModelId model, int epoch) implements Effect {}

    /// Throw away what is left of a model that was lost.
    record Discard(ModelId model, int epoch) implements Effect {}

    /// A waiter gets its model.
    record Grant(Claim claim, ModelId model, int epoch) implements Effect {}

    /// A waiter is told why it gets none.
    record Refuse(
            Claim claim,
            ErrorCode code,
            String message,
            @Nullable Duration retryAfter) implements Effect {}

    /// Whoever watches should look at this model again.
    record Changed(ModelId model) implements Effect {}
}
