package dev.millrace.gateway.fleet;

import java.util.List;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/// Which of several candidates takes a request. *Confined to its owner.*
///
/// - Least load: two are drawn, each with a chance of its share, and the one with fewer requests in flight per share
///   takes it; the first drawn if they are equal, so that idle endpoints get requests by their shares.
/// - Round robin, smooth: each is owed its share of every request, and who is owed most takes the next.
/// - Session: the highest rendezvous score of the conversation's key, by the configured weights. Slow start does not
///   count here, or conversations would move while it lasts.
/// - Prefix: who holds the deepest block of the prompt, unless it has too much to do; else least load.
final class Selection {
    private final FleetSettings settings;
    private final RandomGenerator random;
    private final @Nullable PrefixIndex prefixes;

    Selection(FleetSettings settings, RandomGenerator random) {
        this.settings = settings;
        this.random = random;
        this.prefixes = settings.policy() == Policy.PREFIX ? new PrefixIndex(settings.prefix()) : null;
    }

    /// @param offers at least one, with their shares
    Offer select(List<Offer> offers, Ask ask, long nowNanos) {
        if (offers.size() == 1) {
            return offers.getFirst();
        }
        return switch (settings.policy()) {
            case LEAST_LOAD -> leastLoad(offers);
            case ROUND_ROBIN -> nextInTurn(offers);
            case SESSION -> {
                String session = ask.session();
                yield session == null ? leastLoad(offers) : home(offers, Rendezvous.hash(session));
            }
            case PREFIX -> {
                Offer holder = holder(offers, ask, nowNanos);
                yield holder == null ? leastLoad(offers) : holder;
            }
        };
    }

    /// A request goes there.
    void sent(Offer offer, Ask ask, long nowNanos) {
        PrefixIndex index = prefixes;
        if (index == null) {
            return;
        }
        // Short prefixes last: they are shared by the most prompts, and what was used last is forgotten last.
        for (int i = blocks(ask) - 1; i >= 0; i--) {
            index.remember(Rendezvous.combine(offer.route.hash, ask.prefix()[i]), offer.endpoint, nowNanos);
        }
    }

    private static int blocks(Ask ask) {
        return Math.min(ask.prefix().length, Ask.MOST_BLOCKS);
    }

    private Offer leastLoad(List<Offer> offers) {
        double shares = 0;
        for (int i = 0; i < offers.size(); i++) {
            shares += offers.get(i).share;
        }
        Offer first = draw(offers, shares, null);
        Offer second = draw(offers, shares - first.share, first);
        return second.load() < first.load() ? second : first;
    }

    private Offer draw(List<Offer> offers, double shares, @Nullable Offer except) {
        double left = random.nextDouble() * shares;
        Offer drawn = offers.getFirst();
        for (int i = 0; i < offers.size(); i++) {
            Offer offer = offers.get(i);
            if (offer == except) {
                continue;
            }
            drawn = offer;
            left -= offer.share;
            if (left < 0) {
                break;
            }
        }
        // Rounding may leave a crumb after the last one: it is drawn then.
        return drawn;
    }

    private static Offer nextInTurn(List<Offer> offers) {
        Offer next = offers.getFirst();
        double shares = 0;
        for (int i = 0; i < offers.size(); i++) {
            Offer offer = offers.get(i);
            offer.turn += offer.share;
            shares += offer.share;
            if (offer.turn > next.turn) {
                next = offer;
            }
        }
        next.turn -= shares;
        return next;
    }

    private static Offer home(List<Offer> offers, long key) {
        Offer home = offers.getFirst();
        double best = Double.NEGATIVE_INFINITY;
        for (int i = 0; i < offers.size(); i++) {
            Offer offer = offers.get(i);
            double score = Rendezvous.score(key, offer.endpoint.hash, offer.endpoint.weight);
            if (score > best) {
                best = score;
                home = offer;
            }
        }
        return home;
    }

    private @Nullable Offer holder(List<Offer> offers, Ask ask, long nowNanos) {
        PrefixIndex index = prefixes;
        if (index == null) {
            return null;
        }
        Endpoint elsewhere = null;
        for (int i = blocks(ask) - 1; i >= 0; i--) {
            Endpoint holder = index.holder(Rendezvous.combine(offers.getFirst().route.hash, ask.prefix()[i]), nowNanos);
            // Most blocks of a prompt are held by one endpoint: it is looked for once.
            if (holder != null && holder != elsewhere) {
                Offer offer = offerOf(offers, holder);
                if (offer != null) {
                    return offer.load() - leastOf(offers) > settings.prefix().mostImbalance() ? null : offer;
                }
                elsewhere = holder;
            }
        }
        return null;
    }

    private static @Nullable Offer offerOf(List<Offer> offers, Endpoint endpoint) {
        for (int i = 0; i < offers.size(); i++) {
            if (offers.get(i).endpoint == endpoint) {
                return offers.get(i);
            }
        }
        return null;
    }

    private static double leastOf(List<Offer> offers) {
        double least = Double.POSITIVE_INFINITY;
        for (int i = 0; i < offers.size(); i++) {
            least = Math.min(least, offers.get(i).load());
        }
        return least;
    }

    void checkInvariants() {
        if (prefixes != null) {
            prefixes.checkInvariants();
        }
    }
}
