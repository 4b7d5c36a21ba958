package dev.millrace.gateway.fleet;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Who could take one request. Collected anew for each choice into the same list, so that a choice allocates nothing.
/// *Confined to its owner.*
///
/// With a number of replicas, only the first so many of the route's ranking that can take requests now are looked at:
/// those that cannot are replaced by the next in rank. One that this request tried keeps its place, so that the others
/// of the model are tried before a cold one; only when all of them were, the next in rank is.
final class Candidates {
    /// Those that take requests by their weight, in the order of the ranking.
    final List<Offer> offers = new ArrayList<>();

    private @Nullable Offer halfOpen;
    private boolean tried;

    void collect(Route route, Set<EndpointId> triedBefore, int replicas, long nowNanos) {
        offers.clear();
        halfOpen = null;
        tried = false;
        int places = replicas == 0 ? Integer.MAX_VALUE : replicas;
        List<Offer> ranking = route.ranking;
        for (int i = 0; i < ranking.size() && (places > 0 || isEmpty()); i++) {
            Offer offer = ranking.get(i);
            boolean before = !triedBefore.isEmpty() && triedBefore.contains(offer.endpoint.id);
            tried |= before;
            if (offer.endpoint.health.canTake(nowNanos)) {
                places--;
                if (!before) {
                    add(offer, nowNanos);
                }
            }
        }
    }

    private void add(Offer offer, long nowNanos) {
        Endpoint endpoint = offer.endpoint;
        if (!endpoint.health.isOut()) {
            offer.share = endpoint.weight * endpoint.health.share(nowNanos);
            offers.add(offer);
        } else if (halfOpen == null) {
            halfOpen = offer;
        }
    }

    boolean isEmpty() {
        return offers.isEmpty() && halfOpen == null;
    }

    /// True if the request was sent to one of those that were looked at; that is all of them if nobody is left.
    boolean tried() {
        return tried;
    }

    /// One whose ejection is over and that is to be tried by this request. A request that was tried before does not
    /// take that risk again while another endpoint can take it.
    @Nullable
    Offer trial(boolean isFirstAttempt) {
        return isFirstAttempt || offers.isEmpty() ? halfOpen : null;
    }
}
