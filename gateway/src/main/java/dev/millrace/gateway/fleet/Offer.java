package dev.millrace.gateway.fleet;

/// One endpoint in the route of one model. *Confined to its owner.*
final class Offer {
    final Endpoint endpoint;
    final Route route;

    /// The model's name at that endpoint.
    String upstreamModel;

    /// Its place in the route: the higher, the sooner.
    double rank;

    /// What smooth round robin owes it.
    double turn;

    /// Its weight in the choice that is being made, slow start included.
    double share;

    Offer(Endpoint endpoint, Route route, String upstreamModel) {
        this.endpoint = endpoint;
        this.route = route;
        this.upstreamModel = upstreamModel;
        weigh();
    }

    void weigh() {
        rank = Rendezvous.score(route.hash, endpoint.hash, endpoint.weight);
    }

    /// Requests in flight per weight, in the choice that is being made.
    double load() {
        return endpoint.inFlight / share;
    }
}
