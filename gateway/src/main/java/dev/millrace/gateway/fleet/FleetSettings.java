package dev.millrace.gateway.fleet;

/// How requests are spread over endpoints. *Immutable.*
///
/// @param policy how one of those that could take a request is chosen
/// @param replicas how many endpoints may serve one model, the same ones in every gateway; 0: all that offer it
/// @param health when an endpoint is left alone, and how it comes back
/// @param prefix what [Policy#PREFIX] remembers
public record FleetSettings(Policy policy, int replicas, HealthSettings health, PrefixSettings prefix) {
    /// Refuses a negative number of replicas.
    public FleetSettings {
        Expect.within("replicas", replicas, 0, Integer.MAX_VALUE);
    }

    /// Least load, over all that offer a model.
    public static FleetSettings usual() {
        return new FleetSettings(Policy.LEAST_LOAD, 0, HealthSettings.usual(), PrefixSettings.usual());
    }
}
