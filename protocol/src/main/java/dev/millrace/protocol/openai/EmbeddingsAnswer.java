package dev.millrace.protocol.openai;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import dev.millrace.protocol.json.JsonBytes;
import dev.millrace.protocol.openai.EmbeddingsRequest.Encoding;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Base64;

/// The answer of `/v1/embeddings`, written in pieces: [#opening], [#vector] for each input in order, [#closing].
/// Stateless, thread-safe.
public final class EmbeddingsAnswer {
    private EmbeddingsAnswer() {}

    /// Appends what comes before the first vector.
    public static void opening(JsonBytes out) {
        out.ascii("{\"object\":\"list\",\"data\":[");
    }

    /// Appends the vector of one input.
    public static void vector(JsonBytes out, int index, float[] values, Encoding encoding) {
        out.ascii(index == 0 ? "{" : ",{")
                .ascii("\"object\":\"embedding\",\"index\":")
                .number(index);
        out.ascii(",\"embedding\":");
        switch (encoding) {
            case FLOAT -> numbers(out, values);
            case BASE64 -> out.ascii("\"").ascii(base64(values)).ascii("\"");
        }
        out.ascii("}");
    }

    /// Appends what comes behind the last vector.
    public static void closing(JsonBytes out, String model, int promptTokens) {
        out.ascii("],\"model\":").string(model);
        out.ascii(",\"usage\":{\"prompt_tokens\":").number(promptTokens);
        out.ascii(",\"total_tokens\":").number(promptTokens).ascii("}}");
    }

    private static void numbers(JsonBytes out, float[] values) {
        String separator = "[";
        for (float value : values) {
            out.ascii(separator).real(value);
            separator = ",";
        }
        out.ascii("]");
    }

    private static String base64(float[] values) {
        ByteBuffer bytes = ByteBuffer.allocate(values.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        for (float value : values) {
            bytes.putFloat(value);
        }
        return new String(Base64.getEncoder().encode(bytes.array()), ISO_8859_1);
    }
}
