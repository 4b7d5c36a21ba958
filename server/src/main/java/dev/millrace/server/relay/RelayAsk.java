package dev.millrace.server.relay;

import dev.millrace.protocol.openai.RelayRequest;
import org.jspecify.annotations.Nullable;

/// A request that is to be passed on. *Immutable; nobody may change the body.*
///
/// @param path behind the upstream's own
/// @param session what belongs together, from a header or the body; `null` if nothing is said
/// @param trace the client's `traceparent`; empty if it sent none
/// @param hops gateways it went through, this one included
/// @param timeoutNanos the client's own limit; 0 = none
@SuppressWarnings("ArrayRecordComponent") // the body is sent as it is; nobody compares requests
public record RelayAsk(
        RelayRequest request,
        byte[] body,
        String path,
        @Nullable String session,
        String trace,
        int hops,
        long timeoutNanos) {}
