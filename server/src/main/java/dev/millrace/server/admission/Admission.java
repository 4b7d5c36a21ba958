package dev.millrace.server.admission;

import dev.millrace.core.time.NanoClock;
import dev.millrace.gateway.admission.AdmissionPolicy;
import dev.millrace.gateway.admission.AdmissionSettings;
import dev.millrace.gateway.admission.LimitSource;
import dev.millrace.gateway.admission.Notice;
import dev.millrace.gateway.admission.Verdict;
import java.util.List;
import java.util.function.DoubleSupplier;

/// Decides who may be given to an engine or an upstream: the policy of the gateway under one short lock.
/// *Thread-safe.* Nothing is called from inside the lock; whom a decision lets in or drops is told after it.
///
/// Who holds a place gives it back with [#release] exactly once.
public final class Admission {
    /// Of the heap: the rest is for bodies, for what is on its way to clients, and for the collector.
    private static final int PART_FOR_ANSWERS = 4;

    private final Object lock = new Object();
    private final AdmissionPolicy policy;
    private final DoubleSupplier pressure;
    private final NanoClock clock;
    private final AnswerMemory answerMemory =
            new AnswerMemory(Runtime.getRuntime().maxMemory() / PART_FOR_ANSWERS);

    /// @param limits how many places there are
    /// @param pressure how short memory is, 0 to 1; asked outside the lock, on any thread
    public Admission(AdmissionSettings settings, LimitSource limits, DoubleSupplier pressure, NanoClock clock) {
        policy = new AdmissionPolicy(settings, limits);
        this.pressure = pressure;
        this.clock = clock;
    }

    /// One who may have to wait.
    public interface Waiter {
        /// A place is held for this waiter from now on. Called by any thread, outside any lock.
        void admitted();

        /// Its deadline passed: it waits no longer and holds nothing. Called by any thread, outside any lock.
        void expired();
    }

    /// Someone arrives.
    public Verdict arrive(Place place) {
        double pressed = pressure.getAsDouble();
        Verdict verdict;
        List<Notice> notices;
        synchronized (lock) {
            verdict = policy.arrive(place, pressed, clock.nanoTime());
            notices = policy.takeNotices();
        }
        tell(notices);
        return verdict;
    }

    /// A waiter gives up.
    ///
    /// @return false if it was admitted in the meantime; it holds a place then and must release it
    public boolean leave(Place place) {
        boolean left;
        List<Notice> notices;
        synchronized (lock) {
            left = policy.leave(place, clock.nanoTime());
            notices = policy.takeNotices();
        }
        tell(notices);
        return left;
    }

    /// Gives a place back.
    public void release(Place place) {
        List<Notice> notices;
        synchronized (lock) {
            policy.release(place, clock.nanoTime());
            notices = policy.takeNotices();
        }
        tell(notices);
    }

    private static void tell(List<Notice> notices) {
        for (Notice notice : notices) {
            Waiter waiter = ((Place) notice.ticket()).waiter();
            switch (notice) {
                case Notice.Admitted _ -> waiter.admitted();
                case Notice.Expired _ -> waiter.expired();
            }
        }
    }

    /// What answers that are collected before they are sent may take.
    public AnswerMemory answerMemory() {
        return answerMemory;
    }

    /// Requests that hold a place.
    public int inFlight() {
        synchronized (lock) {
            return policy.inFlight();
        }
    }

    /// Requests that wait for one.
    public int queued() {
        synchronized (lock) {
            return policy.waiting();
        }
    }

    /// Throws if the accounts do not add up.
    void checkInvariants() {
        synchronized (lock) {
            policy.checkInvariants();
        }
    }
}
