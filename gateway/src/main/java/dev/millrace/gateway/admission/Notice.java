package dev.millrace.gateway.admission;

/// What became of a request that waited.
public sealed interface Notice {
    /// The request.
    Ticket ticket();

    /// It has a place, to be given back with `release`.
    record Admitted(Ticket ticket) implements Notice {}

    /// Its deadline passed; it waits no longer and holds nothing.
    record Expired(Ticket ticket) implements Notice {}
}
