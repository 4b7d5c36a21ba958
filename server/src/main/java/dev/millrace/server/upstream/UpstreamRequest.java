package dev.millrace.server.upstream;

/// A request to an upstream. Only what is named here is sent: no field of the client's goes on unseen. *Immutable.*
public sealed interface UpstreamRequest {
    /// Where it goes, behind the address's own path.
    String path();

    /// A question without a body.
    record Look(String path) implements UpstreamRequest {}

    /// A body to answer.
    ///
    /// @param id sent as `x-request-id`
    /// @param trace sent as `traceparent`; empty = not sent
    /// @param hops how many gateways it went through, this one included
    /// @param timeoutMillis what is left of the client's time
    /// @param body its JSON; nobody may change it before it is sent
    @SuppressWarnings("ArrayRecordComponent") // the body is written once; nobody compares requests
    record Post(String path, String id, String trace, int hops, long timeoutMillis, byte[] body)
            implements UpstreamRequest {}
}
