package dev.millrace.testing.upstream;

import dev.millrace.testing.upstream.Transport.Closing;
import dev.millrace.testing.upstream.Transport.Framing;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A scene that answers with one body, the same for every request: errors mostly. *Immutable.*
///
/// ```java
/// Scene.status(429, "{}").header("Retry-After", "2")
/// ```
public record Reply(
        int status,
        String contentType,
        String body,
        Transport transport,
        @Nullable Break broken) implements Scene {
    static final String JSON = "application/json";

    Reply(int status, String contentType, String body) {
        this(status, contentType, body, Transport.PLAIN, null);
    }

    /// With one more header line; `Content-Type` replaces the usual one.
    public Reply header(String name, String value) {
        return with(transport.withHeader(name, value));
    }

    /// Sent in chunks.
    public Reply chunked() {
        return with(transport.with(Framing.CHUNKED));
    }

    /// Without a length: the body ends where the connection does.
    public Reply untilClose() {
        return with(transport.with(Framing.UNTIL_CLOSE));
    }

    /// Closes the connection behind the answer, and says so by `Connection: close`.
    public Reply connectionClose() {
        return with(transport.with(Closing.ANNOUNCED));
    }

    /// Closes the connection behind the answer without having said so.
    public Reply closeAfterAnswer() {
        return with(transport.with(Closing.SILENT));
    }

    /// Closes in order before the whole body is sent; the head promises more.
    public Reply wholeCutAfterBytes(int bytes) {
        return new Reply(status, contentType, body, transport, new Break(Step.End.FIN, bytes));
    }

    private Reply with(Transport other) {
        return new Reply(status, contentType, body, other, broken);
    }

    @Override
    public List<Step> steps(SeenRequest request) {
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        List<Step> steps = new ArrayList<>();
        steps.add(Step.send(transport.head(status, contentType, bytes.length)));
        steps.addAll(WholeScript.body(bytes, transport, broken));
        return steps;
    }
}
