package dev.millrace.server.http;

import dev.millrace.core.error.ErrorCode;
import dev.millrace.protocol.openai.ApiError;
import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// Checks a request's head before anything looks at its path. *Confined to its event loop*: it remembers the last
/// good `Host`, which is nearly always the next one too.
final class RequestGuard {
    private static final ApiError BAD_HOST = ApiError.of(
            ErrorCode.MISDIRECTED_REQUEST,
            "This server does not answer to that Host; server.allowed-hosts names the ones it does.");
    private static final ApiError BAD_ORIGIN =
            ApiError.of(ErrorCode.MISDIRECTED_REQUEST, "Pages of that Origin may not use this server.");
    private static final ApiError NOT_JSON =
            ApiError.of(ErrorCode.UNSUPPORTED_MEDIA_TYPE, "The content type must be application/json.");
    private static final ApiError ENCODED =
            ApiError.of(ErrorCode.UNSUPPORTED_MEDIA_TYPE, "Request bodies must not be compressed.");
    private static final ApiError BAD_EXPECT =
            ApiError.of(ErrorCode.MALFORMED_HTTP, "The only expectation that can be met is 100-continue.");
    private static final ApiError NO_BODY =
            ApiError.of(ErrorCode.MALFORMED_HTTP, "Only a POST request may have a body here.");

    private final HostPolicy hosts;
    private String lastGoodHost = "";

    RequestGuard(HostPolicy hosts) {
        this.hosts = hosts;
    }

    /// True if bytes follow the head.
    static boolean hasBody(HttpServerRequest request) {
        return request.headers().contains(HttpHeaders.TRANSFER_ENCODING) || declaredBytes(request) > 0;
    }

    /// The declared length; 0 if there is none, endless if it is not a number this machine can hold.
    static long declaredBytes(HttpServerRequest request) {
        if (request.headers().contains(HttpHeaders.TRANSFER_ENCODING)) {
            return Long.MAX_VALUE;
        }
        String declared = request.headers().get(HttpHeaders.CONTENT_LENGTH);
        if (declared == null) {
            return 0;
        }
        try {
            return Long.parseLong(declared.strip());
        } catch (NumberFormatException e) {
            return Long.MAX_VALUE;
        }
    }

    /// What is wrong with the head of `request`; `null` if nothing is. The wire guard has made sure that its
    /// framing is clear, that it has one `Host` (HTTP/1.0: at most one), and not too many fields.
    @Nullable
    ApiError objection(HttpServerRequest request) {
        MultiMap headers = request.headers();
        String host = headers.get(HttpHeaders.HOST);
        if (host != null && !host.equals(lastGoodHost)) {
            if (!hosts.allowsHost(host)) {
                return BAD_HOST;
            }
            lastGoodHost = host;
        }
        HttpMethod method = request.method();
        String origin = headers.get(HttpHeaders.ORIGIN);
        boolean looksOnly = method.equals(HttpMethod.GET) || method.equals(HttpMethod.HEAD);
        if (!looksOnly && origin != null && !hosts.allowsOrigin(origin)) {
            return BAD_ORIGIN;
        }
        if (method.equals(HttpMethod.POST)) {
            return postObjection(headers);
        }
        return hasBody(request) ? NO_BODY : null;
    }

    private static @Nullable ApiError postObjection(MultiMap headers) {
        String type = headers.get(HttpHeaders.CONTENT_TYPE);
        if (type == null || !isJson(type)) {
            return NOT_JSON;
        }
        String encoding = headers.get(HttpHeaders.CONTENT_ENCODING);
        if (encoding != null && !encoding.equalsIgnoreCase("identity")) {
            return ENCODED;
        }
        String expect = headers.get(HttpHeaders.EXPECT);
        return expect == null || expect.equalsIgnoreCase("100-continue") ? null : BAD_EXPECT;
    }

    private static boolean isJson(String type) {
        if (type.equals("application/json")) {
            return true;
        }
        int parameters = type.indexOf(';');
        String media = parameters < 0 ? type : type.substring(0, parameters);
        return media.strip().toLowerCase(Locale.ROOT).equals("application/json");
    }
}
