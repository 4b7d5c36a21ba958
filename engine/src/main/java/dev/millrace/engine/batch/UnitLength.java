package dev.millrace.engine.batch;

/// Scales vectors to length 1, so that their products are cosines.
final class UnitLength {
    private UnitLength() {}

    /// Scales in place; a vector of zeros stays one.
    ///
    /// @return false if a number is none or infinite
    static boolean scale(float[] vector) {
        double sum = 0;
        for (float value : vector) {
            sum += (double) value * value;
        }
        if (!Double.isFinite(sum)) {
            return false;
        }
        double factor = sum == 0 ? 0 : 1 / Math.sqrt(sum);
        for (int i = 0; i < vector.length; i++) {
            vector[i] = (float) (vector[i] * factor);
        }
        return true;
    }
}
