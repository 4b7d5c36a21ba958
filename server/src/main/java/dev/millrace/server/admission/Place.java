package dev.millrace.server.admission;

import dev.millrace.gateway.admission.Ticket;

/// The claim of one request to a place, good for one arrival. *Confined to [Admission]* once it has arrived.
public final class Place extends Ticket {
    private static final int USUAL_WEIGHT = 1;

    private final Admission.Waiter waiter;

    /// @param waiter told what becomes of the claim if it has to wait
    /// @param key on whose account the request goes; all weigh the same
    /// @param model what it is for
    /// @param deadlineNanos when waiting makes no sense any more
    public Place(Admission.Waiter waiter, String key, String model, long deadlineNanos) {
        super(key, USUAL_WEIGHT, model, deadlineNanos);
        this.waiter = waiter;
    }

    Admission.Waiter waiter() {
        return waiter;
    }
}
