package dev.millrace.engine.batch;

import dev.millrace.core.error.ErrorCode;
import dev.millrace.engine.EmbeddingRequest;
import dev.millrace.engine.Prompt;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// From an embedding request to checked tokens. *Thread-safe.*
///
/// @param embedder absent if the backend makes no vectors
record EmbeddingPreparation(Vocabulary vocabulary, @Nullable Embedder embedder, int contextTokens) {
    /// The tokens of all inputs.
    ///
    /// @throws InvalidPromptException if one of them cannot be computed, or the request asks for what the
    ///     model does not make
    List<int[]> tokens(EmbeddingRequest request) throws InvalidPromptException {
        check(request.dimensions());
        List<int[]> inputs = new ArrayList<>(request.inputs().size());
        for (Prompt prompt : request.inputs()) {
            inputs.add(tokens(prompt, inputs.size()));
        }
        return inputs;
    }

    private void check(int dimensions) throws InvalidPromptException {
        if (embedder == null) {
            throw new InvalidPromptException(ErrorCode.UNSUPPORTED_VALUE, "this model cannot make embeddings");
        }
        if (!embedder.refusal().isEmpty()) {
            throw new InvalidPromptException(ErrorCode.UNSUPPORTED_VALUE, embedder.refusal());
        }
        if (dimensions != EmbeddingRequest.OWN_DIMENSIONS && dimensions != embedder.dimensions()) {
            throw new InvalidPromptException(
                    ErrorCode.UNSUPPORTED_VALUE,
                    "dimensions: " + dimensions + " is not supported, the vectors of this model have "
                            + embedder.dimensions() + " numbers");
        }
    }

    private int[] tokens(Prompt prompt, int index) throws InvalidPromptException {
        int[] tokens;
        try {
            tokens = vocabulary.encodeWhole(prompt);
        } catch (InvalidPromptException e) {
            String reason = String.valueOf(e.getMessage());
            throw new InvalidPromptException(
                    e.code(),
                    "input[" + index + "]: " + reason.substring(0, 1).toLowerCase(Locale.ROOT) + reason.substring(1));
        }
        if (tokens.length > contextTokens) {
            throw new InvalidPromptException(
                    ErrorCode.CONTEXT_LENGTH_EXCEEDED,
                    "input[" + index + "] has " + tokens.length + " tokens and the model's context holds "
                            + contextTokens + ": shorten it, or serve the model with a larger engine.context");
        }
        return tokens;
    }
}
