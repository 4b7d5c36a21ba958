package dev.millrace.testing.fault;

import java.util.function.UnaryOperator;

/// What a proxy does with one connection: on its arrival, and in each direction. *Immutable.*
///
/// ```java
/// Behaviour.none().toClient(link -> link.latency(Duration.ofMillis(20)).cutAfter(100))
/// ```
public record Behaviour(Arrival arrival, Link toUpstream, Link toClient) {
    /// What becomes of a connection when it arrives.
    public enum Arrival {
        /// It is joined to the upstream.
        JOIN,
        /// It is accepted and reset at once.
        REFUSE,
        /// It is accepted and nothing is read from it, nor written to it.
        BLACK_HOLE
    }

    /// Passes everything on as it is.
    public static Behaviour none() {
        return new Behaviour(Arrival.JOIN, Link.PLAIN, Link.PLAIN);
    }

    /// Accepts and resets at once. For a refused connect see [FaultProxy#down()].
    public static Behaviour refuse() {
        return new Behaviour(Arrival.REFUSE, Link.PLAIN, Link.PLAIN);
    }

    /// Accepts, reads nothing and never answers; that the client leaves is not noticed.
    public static Behaviour blackHole() {
        return new Behaviour(Arrival.BLACK_HOLE, Link.PLAIN, Link.PLAIN);
    }

    /// Changes what happens to the bytes for the client.
    public Behaviour toClient(UnaryOperator<Link> change) {
        return new Behaviour(arrival, toUpstream, change.apply(toClient));
    }

    /// Changes what happens to the bytes for the upstream.
    public Behaviour toUpstream(UnaryOperator<Link> change) {
        return new Behaviour(arrival, change.apply(toUpstream), toClient);
    }
}
