package dev.millrace.gateway.admission;

import java.util.ArrayList;
import java.util.List;

/// A policy, a clock that stands until it is moved, and tickets with names.
final class AdmissionFixture {
    static final long SECOND = 1_000_000_000L;

    final AdmissionPolicy policy;
    final List<String> admitted = new ArrayList<>();
    final List<String> expired = new ArrayList<>();
    long nowNanos;
    double pressure;

    AdmissionFixture(AdmissionSettings settings, int places) {
        policy = new AdmissionPolicy(settings, LimitSource.fixed(places));
    }

    static AdmissionFixture of(int places, int queue) {
        return new AdmissionFixture(AdmissionSettings.usual(queue), places);
    }

    /// A request with a name.
    static final class Named extends Ticket {
        final String name;

        Named(String name, String key, int weight, String model, long deadlineNanos) {
            super(key, weight, model, deadlineNanos);
            this.name = name;
        }
    }

    static Named ticket(String name, String key) {
        return new Named(name, key, 1, "m", Ticket.NO_DEADLINE);
    }

    static Named ticket(String name, String key, int weight) {
        return new Named(name, key, weight, "m", Ticket.NO_DEADLINE);
    }

    static Named forModel(String name, String key, String model) {
        return new Named(name, key, 1, model, Ticket.NO_DEADLINE);
    }

    static Named until(String name, String key, long deadlineNanos) {
        return new Named(name, key, 1, "m", deadlineNanos);
    }

    Verdict arrive(Ticket ticket) {
        Verdict verdict = policy.arrive(ticket, pressure, nowNanos);
        take();
        return verdict;
    }

    Named holding(String name, String key) {
        Named ticket = ticket(name, key);
        if (!(arrive(ticket) instanceof Verdict.Admitted)) {
            throw new IllegalStateException(name + " waits");
        }
        return ticket;
    }

    boolean leave(Ticket ticket) {
        boolean left = policy.leave(ticket, nowNanos);
        take();
        return left;
    }

    void release(Ticket ticket) {
        policy.release(ticket, nowNanos);
        take();
    }

    void expire() {
        policy.expire(nowNanos);
        take();
    }

    private void take() {
        policy.checkInvariants();
        for (Notice notice : policy.takeNotices()) {
            String name = ((Named) notice.ticket()).name;
            switch (notice) {
                case Notice.Admitted _ -> admitted.add(name);
                case Notice.Expired _ -> expired.add(name);
            }
        }
    }
}
