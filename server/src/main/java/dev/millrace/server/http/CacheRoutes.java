package dev.millrace.server.http;

import dev.millrace.core.error.ErrorCode;
import dev.millrace.core.id.RequestId;
import dev.millrace.gateway.cache.CacheKey;
import dev.millrace.gateway.cache.Invalidation;
import dev.millrace.protocol.json.JsonBytes;
import dev.millrace.protocol.openai.ApiError;
import dev.millrace.protocol.openai.CacheCommand;
import dev.millrace.protocol.openai.RequestReader;
import dev.millrace.server.cache.CacheCounts;
import dev.millrace.server.cache.ResponseCache;
import dev.millrace.server.reply.Reply;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.SocketAddress;
import java.util.Optional;
import java.util.regex.Pattern;

/// `GET /admin/cache` and `POST /admin/cache/invalidate`, for whoever is on this machine. *Confined to its
/// event loop.*
final class CacheRoutes {
    private static final ApiError NOT_FROM_THERE =
            ApiError.of(ErrorCode.NOT_ALLOWED, "The response cache is only for who is on this server's machine.");
    private static final ApiError NO_NAME = ApiError.of(
            ErrorCode.INVALID_REQUEST,
            "Expected a name of 1 to 256 characters on one line, or a key of 64 hexadecimal digits.");
    private static final Pattern LOOPBACK =
            Pattern.compile("127\\.[0-9.]+|::1|0:0:0:0:0:0:0:1(%.*)?|::ffff:127\\.[0-9.]+");

    private final HttpFront front;
    private final RequestBodies bodies;
    private final ResponseCache cache;
    private final boolean allowed;

    /// @param allowed false if nobody's address says where they are
    CacheRoutes(HttpFront front, RequestBodies bodies, ResponseCache cache, boolean allowed) {
        this.front = front;
        this.bodies = bodies;
        this.cache = cache;
        this.allowed = allowed;
    }

    void show(HttpServerRequest request, RequestId id, String tail) {
        if (!isFromHere(request)) {
            front.refuse(request, id, NOT_FROM_THERE);
            return;
        }
        CacheCounts counts = cache.counts();
        var out = new JsonBytes(256).ascii("{\"enabled\":").ascii(cache.isOn() ? "true" : "false");
        field(out, "entries", cache.entries());
        field(out, "bytes", cache.bytes());
        field(out, "hits", counts.hits());
        field(out, "stale_hits", counts.staleHits());
        field(out, "misses", counts.misses());
        field(out, "bypasses", counts.bypasses());
        field(out, "followers", counts.followers());
        field(out, "waiting", cache.waiting());
        field(out, "stores", counts.stores());
        field(out, "rejected", counts.rejected());
        field(out, "outdated", counts.outdatedOnes());
        field(out, "refreshes", counts.refreshes());
        field(out, "evictions", counts.evictions());
        field(out, "integrity_mismatches", counts.integrityMismatches());
        Reply.json(request.response(), 200, id, out.ascii("}"));
    }

    private static void field(JsonBytes out, String name, long value) {
        out.ascii(",\"").ascii(name).ascii("\":").number(value);
    }

    void invalidate(HttpServerRequest request, RequestId id, String tail) {
        if (!isFromHere(request)) {
            front.refuse(request, id, NOT_FROM_THERE);
            return;
        }
        bodies.read(request, id, RequestReader::cacheCommand, command -> {
            Optional<Invalidation> what = invalidation(command);
            if (what.isEmpty()) {
                front.refuse(request, id, NO_NAME);
            } else {
                cache.invalidate(what.get());
                Reply.json(request.response(), 200, id, new JsonBytes(32).ascii("{\"success\":true}"));
            }
        });
    }

    private static Optional<Invalidation> invalidation(CacheCommand command) {
        try {
            return switch (command.kind()) {
                case MODEL -> Optional.of(new Invalidation.Model(command.name()));
                case TAG -> Optional.of(new Invalidation.Tag(command.name()));
                case TENANT -> Optional.of(new Invalidation.Tenant(command.name()));
                case KEY -> CacheKey.parse(command.name()).map(Invalidation.Key::new);
                case ALL -> Optional.of(new Invalidation.All());
            };
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    private boolean isFromHere(HttpServerRequest request) {
        SocketAddress peer = request.remoteAddress();
        return allowed
                && peer != null
                && peer.hostAddress() != null
                && LOOPBACK.matcher(peer.hostAddress()).matches();
    }
}
