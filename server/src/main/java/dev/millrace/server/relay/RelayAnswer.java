package dev.millrace.server.relay;

import io.netty.buffer.ByteBuf;

/// What becomes of one attempt's answer. *Confined to its event loop.*
sealed interface RelayAnswer permits WholeAnswer, EventAnswer, ErrorAnswer {
    /// A piece of the body.
    void content(ByteBuf piece);

    /// All that is there was handed over.
    void pause(long nowNanos);

    /// The body is complete.
    void ended(long nowNanos);
}
