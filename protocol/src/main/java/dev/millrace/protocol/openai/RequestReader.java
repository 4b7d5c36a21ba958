package dev.millrace.protocol.openai;

import com.fasterxml.jackson.core.JsonParseException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import dev.millrace.core.error.ErrorCode;
import dev.millrace.protocol.json.StrictJson;
import dev.millrace.protocol.json.Utf8;
import java.io.IOException;

/// Reads request bodies of the OpenAI dialect. Stateless, thread-safe.
///
/// ```java
/// switch (RequestReader.chat(body)) {
///     case Parsed.Ok(ChatRequest request) -> …
///     case Parsed.Refused(ApiError error) -> …
/// }
/// ```
public final class RequestReader {
    private RequestReader() {}

    /// Reads the body of `POST /v1/chat/completions`.
    public static Parsed<ChatRequest> chat(byte[] body) {
        return read(body, ChatReader::read);
    }

    /// Reads the body of `POST /v1/completions`.
    public static Parsed<CompletionRequest> completion(byte[] body) {
        return read(body, CompletionReader::read);
    }

    /// Reads the body of `POST /v1/embeddings`.
    public static Parsed<EmbeddingsRequest> embeddings(byte[] body) {
        return read(body, EmbeddingsReader::read);
    }

    /// Reads the body of `POST /models/load` and `POST /models/unload`.
    public static Parsed<ModelCommand> modelCommand(byte[] body) {
        return read(body, ModelCommandReader::read);
    }

    /// Reads the body of `POST /models`.
    public static Parsed<DownloadCommand> downloadCommand(byte[] body) {
        return read(body, DownloadCommandReader::read);
    }

    /// Reads the body of `POST /admin/cache/invalidate`.
    public static Parsed<CacheCommand> cacheCommand(byte[] body) {
        return read(body, CacheCommandReader::read);
    }

    /// Looks through any body that names a model and will be passed on to an upstream as it is.
    public static Parsed<RelayRequest> relay(byte[] body) {
        return read(body, RelayReader::read);
    }

    /// Reads the one object of a body; stands on its start.
    interface Shape<T> {
        T read(JsonCursor json) throws IOException, RefusedException;
    }

    private static <T> Parsed<T> read(byte[] body, Shape<T> shape) {
        if (!Utf8.isCleanText(body)) {
            return refused(ErrorCode.INVALID_UTF8, "The body is not UTF-8 text without byte order mark and NUL.");
        }
        try (var json = new JsonCursor(body)) {
            if (json.next() != JsonToken.START_OBJECT) {
                return refused(ErrorCode.INVALID_JSON, "The body is not a JSON object.");
            }
            T request = shape.read(json);
            if (json.next() != null) {
                return refused(ErrorCode.INVALID_JSON, "There is something after the JSON object.");
            }
            return new Parsed.Ok<>(request);
        } catch (RefusedException e) {
            return new Parsed.Refused<>(e.error());
        } catch (StreamConstraintsException e) {
            return refused(
                    ErrorCode.INVALID_JSON,
                    "The JSON is nested deeper than " + StrictJson.MAX_DEPTH + " or has a number longer than "
                            + StrictJson.MAX_NUMBER_LENGTH + " characters or a name longer than "
                            + StrictJson.MAX_NAME_LENGTH + ".");
        } catch (JsonParseException e) {
            return refused(ErrorCode.INVALID_JSON, "The body is not well-formed JSON, or a name appears twice.");
        } catch (IOException e) {
            return refused(ErrorCode.INVALID_JSON, "The body is not well-formed JSON.");
        }
    }

    private static <T> Parsed<T> refused(ErrorCode code, String message) {
        return new Parsed.Refused<>(ApiError.of(code, message));
    }
}
