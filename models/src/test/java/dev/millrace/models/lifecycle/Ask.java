package dev.millrace.models.lifecycle;

import dev.millrace.core.id.ModelId;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// One request, as the one who asked sees it; tells nobody twice. *Confined to the test's thread.*
final class Ask implements Claim {
    final ModelId model;
    final long sinceNanos;
    long grantedNanos;
    boolean withdrawn;
    boolean released;

    /// Of the lease; 0 without one.
    int epoch;

    Effect.@Nullable Refuse refusal;

    Ask(ModelId model, long sinceNanos) {
        this.model = model;
        this.sinceNanos = sinceNanos;
    }

    boolean isWaiting() {
        return epoch == 0 && refusal == null && !withdrawn;
    }

    boolean isGranted() {
        return epoch > 0;
    }

    boolean isUsing() {
        return isGranted() && !released;
    }

    /// What it was told instead of a lease.
    Effect.Refuse refusal() {
        Effect.Refuse told = refusal;
        if (told == null) {
            throw new AssertionError(this + " was not refused");
        }
        return told;
    }

    @Override
    public void granted(Lease lease) {
        throw new AssertionError("the policy itself answers nobody");
    }

    @Override
    public void refused(dev.millrace.core.error.ErrorCode code, String message, @Nullable Duration retryAfter) {
        throw new AssertionError("the policy itself answers nobody");
    }

    @Override
    public String toString() {
        String is = withdrawn ? "withdrawn" : isGranted() ? "granted " + epoch : refusal == null ? "waits" : "refused";
        return "request for " + model + " (" + is + ")";
    }
}
