package dev.millrace.server.cache;

import dev.millrace.server.generate.CallHead;
import dev.millrace.server.generate.CallScope;
import io.vertx.core.http.HttpServerResponse;

/// Begins the call that computes an answer. *Confined to its event loop.*
@FunctionalInterface
public interface CallStarter {
    /// The call tells `calls.sink()` once that it has ended, whatever happens.
    ///
    /// @param head of the request, or of one that nobody sent
    /// @param response where the answer goes
    void start(CallScope calls, CallHead head, HttpServerResponse response);
}
