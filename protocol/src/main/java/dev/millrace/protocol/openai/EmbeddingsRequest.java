package dev.millrace.protocol.openai;

import dev.millrace.protocol.openai.CompletionRequest.PromptField;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A request to `/v1/embeddings`. *Immutable.*
///
/// @param inputs 1 to [#MAX_INPUTS], none empty
/// @param encoding how the vectors are to be written
/// @param dimensions numbers wanted in a vector; absent = as many as the model makes
/// @param keepAlive how long the model is to stay in memory unused; negative = for ever
public record EmbeddingsRequest(
        String model,
        List<PromptField> inputs,
        Encoding encoding,
        @Nullable Integer dimensions,
        @Nullable Duration keepAlive) {
    /// Most inputs.
    public static final int MAX_INPUTS = 2_048;

    /// Most token ids of all inputs together.
    public static final int MAX_TOKENS = 1 << 20;

    public EmbeddingsRequest {
        inputs = List.copyOf(inputs);
    }

    /// How vectors are written.
    public enum Encoding {
        /// Arrays of numbers.
        FLOAT,
        /// The numbers as 32-bit floats, the least significant byte first, in Base64.
        BASE64
    }
}
