package dev.millrace.gguf;

/// Sums and products of numbers from headers, which may be absurd: more than a long holds is as much as it holds.
final class Saturated {
    private Saturated() {}

    /// @param factors zero or more each
    static long times(long... factors) {
        long product = 1;
        for (long factor : factors) {
            product = factor == 0 || product <= Long.MAX_VALUE / factor ? product * factor : Long.MAX_VALUE;
        }
        return product;
    }

    /// @param summands zero or more each
    static long plus(long... summands) {
        long sum = 0;
        for (long summand : summands) {
            sum = sum > Long.MAX_VALUE - summand ? Long.MAX_VALUE : sum + summand;
        }
        return sum;
    }
}
