package dev.millrace.server.http;

import dev.millrace.core.error.ErrorCode;
import dev.millrace.protocol.openai.ApiError;
import dev.millrace.protocol.openai.RelayRequest;
import dev.millrace.server.fleet.Upstreams;
import dev.millrace.server.generate.CallHead;
import dev.millrace.server.generate.CallScope;
import dev.millrace.server.relay.RelayAsk;
import dev.millrace.server.relay.RelayCall;
import dev.millrace.server.relay.RelayScope;
import dev.millrace.server.reply.HeaderNames;
import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// From a request for a model that does not run here to a call at an upstream. *Confined to its event loop.*
final class RelayRoutes {
    private static final ApiError NO_MODEL =
            new ApiError(ErrorCode.MODEL_NOT_FOUND, "No such model here; GET /v1/models lists them.", "model");
    private static final ApiError NOT_HERE =
            new ApiError(ErrorCode.WRONG_INSTANCE, "This instance does not hold that model.", "model");
    private static final ApiError NOT_YET = ApiError.of(
            ErrorCode.UPSTREAM_UNAVAILABLE, "It is not known yet what the upstreams offer; try again in a moment.");
    private static final ApiError CIRCLE = ApiError.of(
            ErrorCode.LOOP_DETECTED, "The request went through too many gateways; is one an upstream of itself?");
    private static final int MOST_HOPS = 4;
    private static final int LONGEST_SESSION = 256;
    private static final long NANOS_PER_MILLI = 1_000_000;
    private static final Pattern TRACE = Pattern.compile("[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}");
    private static final Pattern NUMBER = Pattern.compile("[0-9]{1,9}");

    private final RelayScope scope;
    private final Upstreams upstreams;

    RelayRoutes(RelayScope scope) {
        this.scope = scope;
        this.upstreams = scope.upstreams();
    }

    /// True if there are upstreams.
    boolean isOn() {
        return upstreams.areConfigured();
    }

    /// Why a request cannot be passed on; `null` if it can.
    @Nullable
    ApiError objection(HttpServerRequest request, RelayRequest asked) {
        int hops = hops(request.headers());
        if (!upstreams.knows(asked.model())) {
            if (!upstreams.areAllSeen()) {
                return NOT_YET;
            }
            return missing(request);
        }
        return hops >= MOST_HOPS ? CIRCLE : null;
    }

    /// What is said of a model that is not here: a gateway is to look again at what it knows.
    static ApiError missing(HttpServerRequest request) {
        return hops(request.headers()) > 0 ? NOT_HERE : NO_MODEL;
    }

    /// @param calls what the call shares with those of its event loop
    /// @param response where the answer goes
    void start(
            HttpServerRequest request,
            CallScope calls,
            CallHead head,
            RelayRequest asked,
            byte[] body,
            String path,
            HttpServerResponse response) {
        MultiMap headers = request.headers();
        String trace = headers.get(HeaderNames.TRACE_PARENT);
        var ask = new RelayAsk(
                asked,
                body,
                path,
                session(headers, asked),
                trace != null && TRACE.matcher(trace).matches() ? trace : "",
                hops(headers) + 1,
                number(headers.get(HeaderNames.TIMEOUT_MS)) * NANOS_PER_MILLI);
        new RelayCall(scope.with(calls), head, ask, response).start();
    }

    private static @Nullable String session(MultiMap headers, RelayRequest asked) {
        String named = headers.get(HeaderNames.SESSION);
        String session = named == null ? asked.session() : named;
        return session == null || session.length() > LONGEST_SESSION ? null : session;
    }

    private static int hops(MultiMap headers) {
        return Math.toIntExact(number(headers.get(HeaderNames.HOPS)));
    }

    private static long number(@Nullable String text) {
        return text != null && NUMBER.matcher(text).matches() ? Long.parseLong(text) : 0;
    }
}
