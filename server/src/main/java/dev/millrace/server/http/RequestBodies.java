package dev.millrace.server.http;

import dev.millrace.core.id.RequestId;
import dev.millrace.core.time.NanoClock;
import dev.millrace.protocol.openai.ApiError;
import dev.millrace.protocol.openai.Parsed;
import dev.millrace.server.loop.DeadlineList;
import io.vertx.core.http.HttpServerRequest;
import java.util.function.Consumer;
import java.util.function.Function;

/// Takes in the small bodies of commands. *Confined to its event loop.*
final class RequestBodies {
    private static final long BODY_BYTES = 64 << 10;

    private final HttpFront front;
    private final BodyCollector.Limits limits;
    private final NanoClock clock;
    private final DeadlineList deadlines;

    RequestBodies(HttpFront front, long graceNanos, NanoClock clock, DeadlineList deadlines) {
        this.front = front;
        this.limits = new BodyCollector.Limits(BODY_BYTES, graceNanos);
        this.clock = clock;
        this.deadlines = deadlines;
    }

    /// Hands on what the body says; refuses the request if it says nothing that `reader` understands.
    <T> void read(HttpServerRequest request, RequestId id, Function<byte[], Parsed<T>> reader, Consumer<T> understood) {
        new BodyCollector(
                        request,
                        limits,
                        clock,
                        deadlines,
                        body -> {
                            switch (reader.apply(body)) {
                                case Parsed.Refused<T>(ApiError error) -> front.refuse(request, id, error);
                                case Parsed.Ok<T>(T command) -> understood.accept(command);
                            }
                        },
                        error -> front.refuse(request, id, error))
                .start();
    }
}
