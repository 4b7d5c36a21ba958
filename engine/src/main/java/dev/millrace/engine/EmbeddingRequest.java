package dev.millrace.engine;

import dev.millrace.core.id.RequestId;
import java.util.List;

/// Inputs to make vectors of. *Immutable.*
///
/// @param inputs texts or tokens, 1 to [#MAX_INPUTS]
/// @param dimensions numbers that each vector must have, or [#OWN_DIMENSIONS]; an engine whose model makes others
///     refuses
public record EmbeddingRequest(RequestId id, List<Prompt> inputs, int dimensions) {
    /// Most inputs of one request.
    public static final int MAX_INPUTS = 2_048;

    /// As many as the model makes.
    public static final int OWN_DIMENSIONS = 0;

    public EmbeddingRequest {
        inputs = List.copyOf(inputs);
        if (inputs.isEmpty() || inputs.size() > MAX_INPUTS) {
            throw new IllegalArgumentException("inputs: " + inputs.size() + " (expected: 1.." + MAX_INPUTS + ")");
        }
        if (dimensions < 0) {
            throw new IllegalArgumentException("dimensions: " + dimensions + " (expected: >= 0)");
        }
    }
}
