package dev.millrace.engine.sample;

/// The tokens still in the draw, with their logits and weights. *Confined to the engine thread.*
///
/// A candidate is one `long`: the logit in the upper half, mapped so that integers compare like the floats, and
/// the inverted id in the lower half. So no two are equal, the larger one is the better one, and of equal
/// logits the smaller id wins: every selection has exactly one result.
final class Candidates {
    /// Above this share of the lanes, reading all logits in order is faster than a few lanes with strides.
    private static final int MANY_LANES = 8;

    private final long[] keys;
    private final float[] weights;
    private int size;

    Candidates(SamplerScratch scratch) {
        keys = scratch.keys();
        weights = scratch.weights();
    }

    int size() {
        return size;
    }

    int id(int index) {
        return ~(int) keys[index];
    }

    float logit(int index) {
        int bits = (int) (keys[index] >> 32);
        return Float.intBitsToFloat(bits ^ ((bits >> 31) & 0x7fffffff));
    }

    /// Takes every token with a logit of at least `threshold`; looks only into lanes that have one, if these
    /// are few.
    void collect(float[] logits, int vocabularySize, float[] laneMaxima, float threshold) {
        size = 0;
        if (Softmax.countAtLeast(laneMaxima, threshold) > laneMaxima.length / MANY_LANES) {
            collect(logits, 0, 1, vocabularySize, threshold);
            return;
        }
        for (int lane = 0; lane < laneMaxima.length; lane++) {
            if (laneMaxima[lane] >= threshold) {
                collect(logits, lane, laneMaxima.length, vocabularySize, threshold);
            }
        }
    }

    private void collect(float[] logits, int from, int stride, int vocabularySize, float threshold) {
        for (int id = from; id < vocabularySize; id += stride) {
            if (logits[id] >= threshold) {
                keys[size++] = key(logits[id], id);
            }
        }
    }

    /// Takes every token whose weight, found at its id in the weights, is at least `threshold`.
    void collectWeighed(float[] logits, int vocabularySize, float threshold) {
        size = 0;
        for (int id = 0; id < vocabularySize; id++) {
            float weight = weights[id];
            if (weight >= threshold) {
                keys[size] = key(logits[id], id);
                weights[size++] = weight;
            }
        }
    }

    /// Takes the `k` best tokens, in no particular order.
    ///
    /// The k-th largest lane maximum is a lower bound of the k-th largest logit, because k lanes have a token
    /// at least as good. It leaves a few times k tokens to select from.
    void collectTop(int k, float[] logits, int vocabularySize, float[] laneMaxima) {
        float threshold = Float.NEGATIVE_INFINITY;
        if (k <= laneMaxima.length) {
            for (int i = 0; i < laneMaxima.length; i++) {
                keys[i] = key(laneMaxima[i], i);
            }
            size = laneMaxima.length;
            keepTop(k);
            threshold = logit(smallest());
        }
        collect(logits, vocabularySize, laneMaxima, threshold);
        keepTop(k);
    }

    /// Puts the best `k` in front, best first.
    void sortTop(int k) {
        for (int end = size, i = 0; i < k && i < end; i++) {
            int best = i;
            for (int j = i + 1; j < end; j++) {
                if (keys[j] > keys[best]) {
                    best = j;
                }
            }
            swap(i, best);
        }
    }

    /// Sets each weight to `e^((logit - max) / temperature)`.
    ///
    /// @return their sum
    double weigh(float max, float temperature) {
        double sum = 0;
        for (int i = 0; i < size; i++) {
            weights[i] = (float) Math.exp((logit(i) - max) / temperature);
            sum += weights[i];
        }
        return sum;
    }

    /// Keeps the best candidates up to and including the one with which their weights reach `mass`.
    ///
    /// A quickselect that compares sums instead of ranks: expected linear time, no sorting.
    void keepMass(double mass) {
        int low = 0;
        int high = size;
        double needed = Math.max(mass, Double.MIN_VALUE);
        while (high - low > 1) {
            int middle = partition(low, high);
            double upper = Softmax.sum(weights, low, middle);
            if (upper >= needed) {
                high = middle;
            } else if (upper + weights[middle] >= needed) {
                size = middle + 1;
                return;
            } else {
                needed -= upper + weights[middle];
                low = middle + 1;
            }
        }
        size = Math.min(high, size);
    }

    /// Drops candidates with a logit below `threshold`.
    void keepAtLeast(float threshold) {
        int kept = 0;
        for (int i = 0; i < size; i++) {
            if (logit(i) >= threshold) {
                keys[kept] = keys[i];
                kept++;
            }
        }
        size = kept;
    }

    private void keepTop(int k) {
        int low = 0;
        int high = size;
        while (high - low > 1 && k < size) {
            int middle = partition(low, high);
            if (middle == k) {
                break;
            }
            if (middle > k) {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        size = Math.min(k, size);
    }

    private int smallest() {
        int smallest = 0;
        for (int i = 1; i < size; i++) {
            if (keys[i] < keys[smallest]) {
                smallest = i;
            }
        }
        return smallest;
    }

    /// Moves a pivot to its place among `low..high-1`: larger keys before it, smaller ones behind.
    private int partition(int low, int high) {
        swap(medianOfThree(low, (low + high) >>> 1, high - 1), high - 1);
        long pivot = keys[high - 1];
        int place = low;
        for (int i = low; i < high - 1; i++) {
            if (keys[i] > pivot) {
                swap(i, place++);
            }
        }
        swap(place, high - 1);
        return place;
    }

    private int medianOfThree(int a, int b, int c) {
        long x = keys[a];
        long y = keys[b];
        long z = keys[c];
        if (x < y) {
            return y < z ? b : x < z ? c : a;
        }
        return x < z ? a : y < z ? c : b;
    }

    private void swap(int a, int b) {
        long key = keys[a];
        keys[a] = keys[b];
        keys[b] = key;
        float weight = weights[a];
        weights[a] = weights[b];
        weights[b] = weight;
    }

    private static long key(float logit, int id) {
        int bits = Float.floatToRawIntBits(logit);
        int ordered = bits ^ ((bits >> 31) & 0x7fffffff);
        return ((long) ordered << 32) | (~id & 0xffffffffL);
    }
}
