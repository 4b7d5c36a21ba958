package dev.millrace.protocol.openai;

import dev.millrace.core.error.ErrorCode;
import dev.millrace.protocol.json.JsonBytes;
import org.jspecify.annotations.Nullable;

/// An error as OpenAI clients read it: `{"error":{"message","type","param","code"}}`, always with all four keys.
/// *Immutable.*
///
/// @param message fixed text: what is wrong and what to do
/// @param param the field at fault, if one is
public record ApiError(
        ErrorCode code, String message, @Nullable String param) {
    /// An error that is not about one field.
    public static ApiError of(ErrorCode code, String message) {
        return new ApiError(code, message, null);
    }

    /// Appends the error object.
    public void write(JsonBytes out) {
        out.ascii("{\"error\":{\"message\":").string(message);
        out.ascii(",\"type\":\"").ascii(type(code));
        out.ascii("\",\"param\":").stringOrNull(param);
        out.ascii(",\"code\":\"").ascii(code.wireName()).ascii("\"}}");
    }

    /// The error object as bytes.
    public byte[] toBytes() {
        var out = new JsonBytes(160);
        write(out);
        return out.toByteArray();
    }

    private static String type(ErrorCode code) {
        return switch (code.category()) {
            case CLIENT -> "invalid_request_error";
            case CAPACITY ->
                code == ErrorCode.QUEUE_FULL || code == ErrorCode.UPSTREAM_RATE_LIMIT
                        ? "rate_limit_error"
                        : "server_error";
            case UPSTREAM, INTERNAL -> "server_error";
        };
    }
}
