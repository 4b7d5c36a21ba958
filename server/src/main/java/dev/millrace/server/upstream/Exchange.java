package dev.millrace.server.upstream;

import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http.HttpHeaders;

/// Whoever sent a request to an upstream and is told what comes back. All calls come on the event loop; after
/// [#ended] or [#broken] there are none.
public interface Exchange {
    /// How a connection or the attempt to get one failed.
    enum Break {
        /// Could not be opened.
        CONNECT,
        /// All connections were in use for too long.
        EXHAUSTED,
        /// Closed or reset before a byte of the answer, on a connection that had answered before: the request met the
        /// end of its life and most likely was never read.
        STALE,
        /// Closed or reset before a byte of the answer.
        BEFORE_ANSWER,
        /// Closed or reset in the middle of the answer.
        WITHIN_ANSWER,
        /// What came is not HTTP.
        MALFORMED
    }

    /// The head of the answer.
    void head(int status, HttpHeaders headers);

    /// A piece of its body, which is released by the caller.
    void content(ByteBuf piece);

    /// Everything that has come so far was handed over.
    void pause();

    /// The answer is complete; the connection has been given back.
    void ended();

    /// There will be no more of it.
    void broken(Break how);
}
