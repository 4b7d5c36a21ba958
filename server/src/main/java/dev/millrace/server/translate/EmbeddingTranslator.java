package dev.millrace.server.translate;

import dev.millrace.core.id.RequestId;
import dev.millrace.engine.EmbeddingRequest;
import dev.millrace.engine.Prompt;
import dev.millrace.protocol.openai.CompletionRequest.PromptField;
import dev.millrace.protocol.openai.EmbeddingsRequest;
import java.util.ArrayList;
import java.util.List;

/// Makes engine requests of requests for embeddings. Stateless, thread-safe.
public final class EmbeddingTranslator {
    private EmbeddingTranslator() {}

    /// The engine request.
    public static EmbeddingRequest request(RequestId id, EmbeddingsRequest request) {
        List<Prompt> inputs = new ArrayList<>(request.inputs().size());
        for (PromptField input : request.inputs()) {
            inputs.add(prompt(input));
        }
        Integer dimensions = request.dimensions();
        return new EmbeddingRequest(id, inputs, dimensions == null ? EmbeddingRequest.OWN_DIMENSIONS : dimensions);
    }

    private static Prompt prompt(PromptField input) {
        return switch (input) {
            case PromptField.Text(String text) -> new Prompt.Text(text);
            case PromptField.Tokens(List<Integer> tokens) -> new Prompt.Tokens(tokens);
        };
    }
}
