package dev.millrace.engine.schedule;

/// How long a step takes, learnt from the steps that ran. *Confined to the engine thread.*
///
/// `nanos = base + perDecode x decoding sequences + perPrefill x prompt tokens + perAttended x attended tokens`,
/// where a token at position p attends to p tokens. Each observed step moves every coefficient towards the truth in
/// proportion to its share of the prediction (a multiplicative form of the least-mean-squares rule), at most by a
/// factor of two at once, so that one step disturbed by another process does not upset the plan.
public final class StepCost {
    private static final double RATE = 0.2;
    private static final double LARGEST_SURPRISE = 2.0;
    private static final double SMALLEST_NANOS = 0.001;

    private double base;
    private double perDecode;
    private double perPrefill;
    private double perAttended;

    /// Starts from measured or guessed coefficients, all in nanoseconds and above 0.
    public StepCost(double base, double perDecode, double perPrefill, double perAttended) {
        this.base = Math.max(base, SMALLEST_NANOS);
        this.perDecode = Math.max(perDecode, SMALLEST_NANOS);
        this.perPrefill = Math.max(perPrefill, SMALLEST_NANOS);
        this.perAttended = Math.max(perAttended, SMALLEST_NANOS);
    }

    /// A start when nothing was measured: 10 ms a step, 1 ms a token.
    public static StepCost unmeasured() {
        return new StepCost(10e6, 1e6, 1e6, 50);
    }

    /// Expected length of a step.
    public double predictNanos(int decodeTokens, int prefillTokens, long attendedTokens) {
        return base + perDecode * decodeTokens + perPrefill * prefillTokens + perAttended * attendedTokens;
    }

    /// Expected time to compute `tokens` prompt tokens that start at `position`.
    public double prefillNanos(int tokens, int position) {
        return tokens * (perPrefill + perAttended * (position + tokens / 2.0));
    }

    /// Most prompt tokens from `position` on that fit into `nanos`.
    public int prefillTokensWithin(double nanos, int position) {
        if (nanos <= 0) {
            return 0;
        }
        // nanos = t * (a + b * t / 2) with a = perPrefill + perAttended * position, b = perAttended; solved for t.
        double a = perPrefill + perAttended * position;
        double tokens = (Math.sqrt(a * a + 2 * perAttended * nanos) - a) / perAttended;
        return (int) Math.min(tokens, Integer.MAX_VALUE);
    }

    /// Learns from a step that ran.
    public void observe(int decodeTokens, int prefillTokens, long attendedTokens, long nanos) {
        double predicted = predictNanos(decodeTokens, prefillTokens, attendedTokens);
        double surprise = Math.clamp(nanos / predicted, 1 / LARGEST_SURPRISE, LARGEST_SURPRISE) - 1;
        base = moved(base, base / predicted, surprise);
        perDecode = moved(perDecode, perDecode * decodeTokens / predicted, surprise);
        perPrefill = moved(perPrefill, perPrefill * prefillTokens / predicted, surprise);
        perAttended = moved(perAttended, perAttended * attendedTokens / predicted, surprise);
    }

    private static double moved(double coefficient, double share, double surprise) {
        return Math.max(coefficient * (1 + RATE * share * surprise), SMALLEST_NANOS);
    }

    @Override
    public String toString() {
        return String.format(
                java.util.Locale.ROOT,
                "base %.2f ms, decode %.3f ms, prefill %.3f ms, attended %.1f ns",
                base / 1e6,
                perDecode / 1e6,
                perPrefill / 1e6,
                perAttended);
    }
}
