package dev.millrace.server.http;

import dev.millrace.core.error.ErrorCode;
import dev.millrace.core.id.RequestId;
import dev.millrace.core.time.NanoClock;
import dev.millrace.protocol.openai.ApiError;
import dev.millrace.server.http.RouteTable.Match;
import dev.millrace.server.loop.DeadlineList;
import dev.millrace.server.reply.HeaderNames;
import dev.millrace.server.reply.Reply;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Takes every request of one event loop: checks its head, finds its route, and turns whatever goes wrong on the
/// way into one error reply. *Confined to its event loop.*
final class HttpFront {
    private static final Logger LOG = LoggerFactory.getLogger(HttpFront.class);
    private static final ApiError NOT_FOUND = ApiError.of(ErrorCode.NOT_FOUND, "There is no such path here.");
    private static final ApiError OTHER_METHOD =
            ApiError.of(ErrorCode.METHOD_NOT_ALLOWED, "This path does not have that method; see the Allow header.");
    private static final ApiError FAULT =
            ApiError.of(ErrorCode.INTERNAL_ERROR, "A fault of the server; its log has the request id.");

    /// A body that is read to its end although nobody wants it, so that the connection can be used again.
    private static final long SMALL_BODY_BYTES = 64 * 1024;

    private final RequestGuard guard;
    private RouteTable routes = new RouteTable(List.of());
    private final RequestIds ids;
    private final DeadlineList deadlines;
    private final NanoClock clock;

    HttpFront(RequestGuard guard, RequestIds ids, DeadlineList deadlines, NanoClock clock) {
        this.guard = guard;
        this.ids = ids;
        this.deadlines = deadlines;
        this.clock = clock;
    }

    /// Sets the routes; before this every path is missing.
    void serve(RouteTable table) {
        routes = table;
    }

    void accept(HttpServerRequest request) {
        RequestId id = ids.of(request.headers().get(HeaderNames.REQUEST_ID));
        try {
            ApiError objection = guard.objection(request);
            if (objection != null) {
                refuse(request, id, objection);
            } else {
                route(request, id);
            }
        } catch (RuntimeException e) {
            fault(request, id, e);
        }
    }

    /// Requests whose head the decoder could not make sense of.
    void acceptInvalid(HttpServerRequest request) {
        Throwable cause = request.decoderResult().cause();
        refuse(request, ids.fresh(), HeadErrors.of(cause));
    }

    private void route(HttpServerRequest request, RequestId id) {
        String path = request.path();
        switch (routes.find(request.method(), path == null ? "" : path)) {
            case Match.Found(Route route, String tail) -> route.handler().answer(request, id, tail);
            case Match.OtherMethod(String allow) -> {
                request.response().putHeader(HttpHeaders.ALLOW, allow);
                refuse(request, id, OTHER_METHOD);
            }
            case Match.Missing() -> refuse(request, id, NOT_FOUND);
        }
    }

    /// Sends an error. What is left of the request is thrown away; if that may be much, the connection ends with
    /// it.
    void refuse(HttpServerRequest request, RequestId id, ApiError error) {
        HttpServerResponse response = request.response();
        if (error.code() == ErrorCode.MALFORMED_HTTP) {
            response.putHeader(HttpHeaders.CONNECTION, HttpHeaders.CLOSE);
            Reply.error(response, id, error)
                    .onComplete(sent -> request.connection().close());
            return;
        }
        if (RequestGuard.hasBody(request) && !request.isEnded()) {
            boolean small = RequestGuard.declaredBytes(request) <= SMALL_BODY_BYTES;
            if (!small) {
                response.putHeader(HttpHeaders.CONNECTION, HttpHeaders.CLOSE);
            }
            new LingeringClose(request, small, deadlines, clock.nanoTime()).start();
        }
        Reply.error(response, id, error);
    }

    /// The one place that turns an unexpected exception into a reply.
    void fault(HttpServerRequest request, RequestId id, RuntimeException e) {
        LOG.error("event=request_fault id={}", id, e);
        if (!request.response().headWritten() && !request.response().ended()) {
            refuse(request, id, FAULT);
        } else {
            request.connection().close();
        }
    }
}
