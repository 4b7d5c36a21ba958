package dev.millrace.gateway.fleet;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/// Who offers one model, in the order of the rendezvous ranking. *Confined to its owner.*
final class Route {
    private static final int HUNDRED = 100;
    private static final Comparator<Offer> BY_RANK = Comparator.comparingDouble((Offer offer) -> offer.rank)
            .reversed()
            .thenComparing(offer -> offer.endpoint.id.toString());

    final String model;
    final long hash;
    final List<Offer> ranking = new ArrayList<>();

    Route(String model) {
        this.model = model;
        this.hash = Rendezvous.hash(model);
    }

    Offer add(Endpoint endpoint, String upstreamModel) {
        Offer offer = new Offer(endpoint, this, upstreamModel);
        ranking.add(offer);
        ranking.sort(BY_RANK);
        return offer;
    }

    void weigh(Offer offer) {
        offer.weigh();
        ranking.sort(BY_RANK);
    }

    /// True if one more may be ejected for failures.
    boolean mayEjectOne(int mostEjectedPercent) {
        int out = 0;
        for (Offer offer : ranking) {
            out += offer.endpoint.health.isOut() ? 1 : 0;
        }
        // A single endpoint is half of nothing: without the one, it would have no circuit.
        int most = Math.max(1, (int) ((long) ranking.size() * mostEjectedPercent / HUNDRED));
        return out < most;
    }

    boolean hasOtherThan(Endpoint endpoint) {
        for (Offer offer : ranking) {
            if (offer.endpoint != endpoint && !offer.endpoint.health.isOut()) {
                return true;
            }
        }
        return false;
    }

    /// How long until the first endpoint can take a request, if none can now.
    long waitNanos(long nowNanos) {
        long least = Long.MAX_VALUE;
        for (Offer offer : ranking) {
            least = Math.min(least, offer.endpoint.health.waitNanos(nowNanos));
        }
        return Math.max(1, least);
    }

    void checkInvariants() {
        Expect.holds(!ranking.isEmpty(), "offers of " + model, 0, ">= 1");
        for (int i = 0; i < ranking.size(); i++) {
            Offer offer = ranking.get(i);
            Expect.holds(!offer.endpoint.gone, "endpoint in a route", offer.endpoint.id, "not gone");
            Expect.holds(
                    offer.endpoint.offers.get(model) == offer, "offer of " + model, offer.endpoint.id, "known there");
            Expect.holds(i == 0 || ranking.get(i - 1).rank >= offer.rank, "rank of " + model, offer.rank, "falling");
        }
    }
}
