package dev.millrace.gateway.fleet;

/// How one of the endpoints that could take a request is chosen (configuration: `routing.policy`).
public enum Policy {
    /// The less loaded of two drawn at random.
    LEAST_LOAD,
    /// One after the other, each as often as its weight says.
    ROUND_ROBIN,
    /// Requests of one conversation go to one endpoint while it is there.
    SESSION,
    /// Requests go where the beginning of their prompt was computed before, unless that endpoint has too much to do.
    PREFIX
}
