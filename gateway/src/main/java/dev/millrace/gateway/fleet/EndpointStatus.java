package dev.millrace.gateway.fleet;

import java.util.Set;

/// What others may see of an endpoint. *Immutable.*
///
/// @param inFlight requests under way there
/// @param weight as configured, without slow start
/// @param models the public names of what it offers
/// @param attempts requests sent there so far
/// @param failures how many of them failed
/// @param ejections how often it was ejected, for failures or by probes
/// @param consecutiveFailures failures since the last success
public record EndpointStatus(
        EndpointId endpoint,
        State state,
        int inFlight,
        int weight,
        Set<String> models,
        long attempts,
        long failures,
        long ejections,
        int consecutiveFailures) {

    /// What an endpoint can do for a request.
    public enum State {
        /// It offers nothing, or not yet.
        NEW,
        /// It takes requests by its whole weight.
        WELL,
        /// It takes requests by a part of its weight, which grows.
        WARMING,
        /// It takes no requests for a while: they failed, or probes did.
        EJECTED,
        /// Its ejection is over; it takes one request at a time until one succeeds.
        TRIAL,
        /// It asked to be left alone for a while.
        BUSY,
        /// It is no longer configured; requests under way there may still end.
        GONE
    }
}
