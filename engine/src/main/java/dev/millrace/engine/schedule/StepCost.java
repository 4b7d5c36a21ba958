package dev.millrace.engine.schedule;

/// How long a step takes, learnt from the steps that ran. *Confined to the engine thread.*
///
/// `nanos = base + perDecode x decoding sequences + perPrefill x prompt tokens + perAttended x attended tokens`,
/// where a token at position p attends to p tokens. Each observed step moves every coefficient towards the truth in
/// proportion to its share of the prediction (a multiplicative form of the least-mean-squares rule), at most by a
/// factor of two at once, so that one step disturbed by another process does not upset the plan.
///
/// Kernels compute attention in tiles of so many tokens, and token by token below that, which takes two to three
/// times longer for each. Steps below a tile ("narrow") and others ("wide") therefore have an attention coefficient
/// each.
public final class StepCost {
    private static final double RATE = 0.3;
    private static final double LARGEST_SURPRISE = 2.0;
    private static final double SMALLEST_NANOS = 0.001;

    // Measured: 2.1 to 2.4 with llama.cpp 0.5.0 and 12 heads of 64. Only a start, it is learnt from then on.
    private static final double NARROW_TO_WIDE = 2.3;

    private final int tileTokens;
    private double base;
    private double perDecode;
    private double perPrefill;
    private double perAttendedNarrow;
    private double perAttendedWide;

    /// Starts from measured or guessed coefficients, all in nanoseconds and above 0.
    ///
    /// @param perAttended in a wide step
    /// @param tileTokens tokens of a step from which attention is computed in tiles, and of such a tile; 1 if it is
    ///     always the same
    public StepCost(double base, double perDecode, double perPrefill, double perAttended, int tileTokens) {
        if (tileTokens < 1) {
            throw new IllegalArgumentException("tileTokens: " + tileTokens + " (expected: >= 1)");
        }
        this.base = Math.max(base, SMALLEST_NANOS);
        this.perDecode = Math.max(perDecode, SMALLEST_NANOS);
        this.perPrefill = Math.max(perPrefill, SMALLEST_NANOS);
        this.perAttendedWide = Math.max(perAttended, SMALLEST_NANOS);
        this.perAttendedNarrow = NARROW_TO_WIDE * perAttendedWide;
        this.tileTokens = tileTokens;
    }

    /// A start when nothing was measured: 10 ms a step, 1 ms a token.
    public static StepCost unmeasured() {
        return new StepCost(10e6, 1e6, 1e6, 50, 1);
    }

    /// Tokens of an attention tile, 1 or more.
    public int tileTokens() {
        return tileTokens;
    }

    /// Expected length of a step.
    public double predictNanos(int decodeTokens, int prefillTokens, long attendedTokens) {
        return base
                + perDecode * decodeTokens
                + perPrefill * prefillTokens
                + perAttended(isWide(decodeTokens + prefillTokens)) * attendedTokens;
    }

    /// Expected time to compute `tokens` prompt tokens that start at `position`, in a wide step or a narrow one.
    public double prefillNanos(int tokens, int position, boolean wide) {
        return tokens * (perPrefill + perAttended(wide) * (position + tokens / 2.0));
    }

    /// Most prompt tokens from `position` on that fit into `nanos` of a wide step or a narrow one.
    public int prefillTokensWithin(double nanos, int position, boolean wide) {
        if (nanos <= 0) {
            return 0;
        }
        // nanos = t * (a + b * t / 2) with a = perPrefill + perAttended * position, b = perAttended; solved for t.
        double b = perAttended(wide);
        double a = perPrefill + b * position;
        double tokens = (Math.sqrt(a * a + 2 * b * nanos) - a) / b;
        return (int) Math.min(tokens, Integer.MAX_VALUE);
    }

    /// Learns from a step that ran.
    public void observe(int decodeTokens, int prefillTokens, long attendedTokens, long nanos) {
        double predicted = predictNanos(decodeTokens, prefillTokens, attendedTokens);
        double surprise = Math.clamp(nanos / predicted, 1 / LARGEST_SURPRISE, LARGEST_SURPRISE) - 1;
        boolean wide = isWide(decodeTokens + prefillTokens);
        double attendedShare = perAttended(wide) * attendedTokens / predicted;
        base = moved(base, base / predicted, surprise);
        perDecode = moved(perDecode, perDecode * decodeTokens / predicted, surprise);
        perPrefill = moved(perPrefill, perPrefill * prefillTokens / predicted, surprise);
        perAttendedNarrow = moved(perAttendedNarrow, attendedShare, surprise);
        if (wide) {
            perAttendedWide = moved(perAttendedWide, attendedShare, surprise);
        }
    }

    /// True if a step of so many tokens computes attention in tiles.
    boolean isWide(int tokens) {
        return tokens >= tileTokens;
    }

    private double perAttended(boolean wide) {
        return wide ? perAttendedWide : perAttendedNarrow;
    }

    private static double moved(double coefficient, double share, double surprise) {
        return Math.max(coefficient * (1 + RATE * share * surprise), SMALLEST_NANOS);
    }

    @Override
    public String toString() {
        return String.format(
                java.util.Locale.ROOT,
                "base %.2f ms, decode %.3f ms, prefill %.3f ms, attended %.1f ns (%.1f ns in tiles of %d)",
                base / 1e6,
                perDecode / 1e6,
                perPrefill / 1e6,
                perAttendedNarrow,
                perAttendedWide,
                tileTokens);
    }
}
