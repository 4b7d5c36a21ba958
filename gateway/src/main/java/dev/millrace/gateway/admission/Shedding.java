package dev.millrace.gateway.admission;

import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// Whose new work is refused when memory runs short. *Confined to the owner of the policy.*
///
/// From 92 % on the lightest keys are refused, and the limit rises with the pressure to the heaviest ones;
/// from 95 % on everybody is. If all weigh the same, all are the lightest.
final class Shedding {
    private static final double SHED_AT = 0.92;
    private static final double REFUSE_AT = 0.95;

    /// Weights of the keys that hold or wait for something, with how many keys have each.
    private final TreeMap<Integer, Integer> weights = new TreeMap<>();

    void add(int weight) {
        weights.merge(weight, 1, Integer::sum);
    }

    void remove(int weight) {
        weights.computeIfPresent(weight, (_, count) -> count == 1 ? null : count - 1);
    }

    /// @return why not, or null if it may come in
    @Nullable
    RejectReason refusal(int weight, double pressure) {
        if (pressure >= REFUSE_AT) {
            return RejectReason.OVERLOADED;
        }
        if (!(pressure >= SHED_AT)) {
            return null;
        }
        int lightest = weights.isEmpty() ? weight : Math.min(weight, weights.firstKey());
        int heaviest = weights.isEmpty() ? weight : Math.max(weight, weights.lastKey());
        double risen = (pressure - SHED_AT) / (REFUSE_AT - SHED_AT);
        return weight <= lightest + risen * (heaviest - lightest) ? RejectReason.SHED : null;
    }

    /// How many keys are counted.
    int size() {
        return weights.values().stream().mapToInt(Integer::intValue).sum();
    }
}
