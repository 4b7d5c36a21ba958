package dev.millrace.gateway.admission;

/// The limits beside the one of [LimitSource]. *Immutable.*
///
/// @param perKey most requests of one key that hold a place; 0: as many as there are places
/// @param perModel most requests for one model that hold a place; 0: as many as there are places
/// @param queue most requests that wait
/// @param queueShare most of the queue that one key may fill, above 0 and up to 1; at least one request may
///     always wait
public record AdmissionSettings(int perKey, int perModel, int queue, double queueShare) {
    private static final double USUAL_SHARE = 0.5;

    /// Refuses negative limits and shares beyond 0 to 1.
    public AdmissionSettings {
        if (perKey < 0 || perModel < 0 || queue < 0) {
            throw new IllegalArgumentException(
                    "perKey: " + perKey + ", perModel: " + perModel + ", queue: " + queue + " (expected: all >= 0)");
        }
        if (!(queueShare > 0 && queueShare <= 1)) {
            throw new IllegalArgumentException("queueShare: " + queueShare + " (expected: above 0, up to 1)");
        }
    }

    /// No limits per key or model, half of the queue for each key.
    public static AdmissionSettings usual(int queue) {
        return new AdmissionSettings(0, 0, queue, USUAL_SHARE);
    }

    /// Most requests of one key that wait.
    public int queuePerKey() {
        return queue == 0 ? 0 : Math.max(1, (int) Math.ceil(queue * queueShare));
    }
}
