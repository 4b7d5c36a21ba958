package dev.millrace.gateway.admission;

import dev.millrace.gateway.admission.Ticket.State;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// Who may start, who waits, who is turned away. *Confined to its owner*, which passes the time in and,
/// after each call, tells those whom [#takeNotices] names.
///
/// ```java
/// switch (policy.arrive(ticket, pressure, nowNanos)) {
///     case Verdict.Admitted _ -> begin();
///     case Verdict.Queued(int position, Duration estimate) -> sayThatItWaits(position, estimate);
///     case Verdict.Rejected(RejectReason reason, Duration retryAfter) -> turnAway(reason, retryAfter);
/// }
/// ```
///
/// Three limits hold at any time: places in all, per key, per model. Nobody waits while there is a place
/// that it might take. Keys take turns by weight ([Accounts]), within a key and a model it is first come,
/// first served. No key fills more than its share of the queue. Each operation costs O(log n) in the number
/// of those who wait, times the number of models that one key waits for.
public final class AdmissionPolicy {
    private static final Verdict ADMITTED = new Verdict.Admitted();
    private static final long LEAST_RETRY_NANOS = 250_000_000;
    private static final long MOST_RETRY_NANOS = 60_000_000_000L;
    private static final long PRESSURE_RETRY_NANOS = 4_000_000_000L;
    private static final double GOLDEN = 0.6180339887498949;

    private final AdmissionSettings settings;
    private final LimitSource limits;
    private final Shedding shedding = new Shedding();
    private final Accounts accounts;
    private final Backlog backlog = new Backlog();
    private final Pace pace = new Pace();
    private final TreeSet<Ticket> byDeadline = new TreeSet<>(AdmissionPolicy::compareDeadlines);
    private List<Notice> notices = new ArrayList<>();
    private int inFlight;
    private int waiting;
    private long nextOrder;
    private double spread;

    /// @param limits how many places there are
    public AdmissionPolicy(AdmissionSettings settings, LimitSource limits) {
        this.settings = settings;
        this.limits = limits;
        accounts = new Accounts(settings, shedding);
    }

    private static int compareDeadlines(Ticket left, Ticket right) {
        // By difference: such clocks may start anywhere and run over.
        int deadlines = Long.signum(left.deadlineNanos - right.deadlineNanos);
        return deadlines != 0 ? deadlines : Long.compare(left.order, right.order);
    }

    /// A request arrives.
    ///
    /// @param pressure how short memory is, 0 to 1
    public Verdict arrive(Ticket ticket, double pressure, long nowNanos) {
        ticket.expect(State.NEW);
        settle(nowNanos);
        RejectReason refusal =
                ticket.isPast(nowNanos) ? RejectReason.EXPIRED : shedding.refusal(ticket.weight, pressure);
        if (refusal != null) {
            ticket.state = State.GONE;
            return new Verdict.Rejected(refusal, spread(PRESSURE_RETRY_NANOS));
        }
        KeyAccount key = accounts.key(ticket.key, ticket.weight);
        ModelAccount model = accounts.model(ticket.model);
        ticket.order = nextOrder++;
        if (inFlight < limits.limit() && !key.isFull() && !model.isFull()) {
            ticket.lane = laneOf(key, model);
            start(ticket, key, model, nowNanos);
            return ADMITTED;
        }
        RejectReason full = fullQueue(key);
        if (full != null) {
            ticket.state = State.GONE;
            var rejected = new Verdict.Rejected(full, spread(estimateNanos(key, model, 1)));
            accounts.tidy(key, model);
            return rejected;
        }
        enqueue(ticket, key, model);
        return new Verdict.Queued(
                accounts.position(key, key.waiting, waiting), Duration.ofNanos(estimateNanos(key, model, 0)));
    }

    private @Nullable RejectReason fullQueue(KeyAccount key) {
        if (waiting >= settings.queue()) {
            return RejectReason.QUEUE_FULL;
        }
        return key.waiting >= settings.queuePerKey() ? RejectReason.KEY_QUEUE_FULL : null;
    }

    private static Lane laneOf(KeyAccount key, ModelAccount model) {
        Lane lane = key.lanes.get(model.model);
        return lane == null ? new Lane(key, model) : lane;
    }

    private void enqueue(Ticket ticket, KeyAccount key, ModelAccount model) {
        Lane lane = laneOf(key, model);
        key.lanes.put(model.model, lane);
        ticket.state = State.WAITING;
        accounts.waits(key, model);
        lane.add(ticket);
        backlog.restore(lane);
        waiting++;
        if (ticket.deadlineNanos != Ticket.NO_DEADLINE) {
            byDeadline.add(ticket);
        }
    }

    /// The wait of the last of a key that waits, or of the one that would come `next` after it.
    private long estimateNanos(KeyAccount key, ModelAccount model, int next) {
        int rank = key.waiting + next;
        int position = accounts.position(key, rank, waiting + next);
        long nanos = pace.estimateNanos(position, limits.limit());
        return Math.max(nanos, Math.max(key.ownEstimateNanos(pace, rank), model.ownEstimateNanos(pace, position)));
    }

    /// Those who were refused one after the other are spread over half of the time, evenly and without
    /// chance.
    private Duration spread(long nanos) {
        spread = (spread + GOLDEN) % 1;
        long spreadNanos = (long) (nanos * (1 - spread / 2));
        return Duration.ofNanos(Math.clamp(spreadNanos, LEAST_RETRY_NANOS, MOST_RETRY_NANOS));
    }

    /// A request gives up, wherever it is in the queue.
    ///
    /// @return false if it was admitted in the meantime; it holds a place then and must release it
    public boolean leave(Ticket ticket, long nowNanos) {
        if (ticket.state == State.HOLDING) {
            return false;
        }
        if (ticket.state == State.WAITING) {
            unqueue(ticket);
        }
        ticket.state = State.GONE;
        settle(nowNanos);
        return true;
    }

    private void unqueue(Ticket ticket) {
        Lane lane = laneOf(ticket);
        backlog.withdraw(lane);
        takeOut(ticket, lane);
        backlog.restore(lane);
        accounts.tidy(lane.key, lane.model);
    }

    private static Lane laneOf(Ticket ticket) {
        return Objects.requireNonNull(ticket.lane, "lane");
    }

    private void takeOut(Ticket ticket, Lane lane) {
        lane.remove(ticket);
        if (lane.isEmpty()) {
            lane.key.lanes.remove(lane.model.model);
        }
        accounts.waitsNoMore(lane.key, lane.model);
        waiting--;
        if (ticket.deadlineNanos != Ticket.NO_DEADLINE) {
            byDeadline.remove(ticket);
        }
    }

    /// Gives a place back; exactly once for each admission.
    public void release(Ticket ticket, long nowNanos) {
        free(ticket, nowNanos);
        settle(nowNanos);
    }

    /// The same, with what the [LimitSource] learns from.
    public void release(Ticket ticket, long rttNanos, boolean dropped, long nowNanos) {
        int before = inFlight;
        free(ticket, nowNanos);
        limits.sample(rttNanos, before, dropped);
        settle(nowNanos);
    }

    private void free(Ticket ticket, long nowNanos) {
        ticket.expect(State.HOLDING);
        Lane lane = laneOf(ticket);
        ticket.state = State.GONE;
        pace.held(nowNanos - ticket.heldSinceNanos);
        inFlight--;
        lane.key.inFlight--;
        lane.model.inFlight--;
        backlog.restore(lane.key);
        backlog.restore(lane.model);
        accounts.tidy(lane.key, lane.model);
    }

    /// Drops those whose deadline has passed. The other calls do so, too; this is for when there are none.
    public void expire(long nowNanos) {
        settle(nowNanos);
    }

    private void settle(long nowNanos) {
        while (!byDeadline.isEmpty() && byDeadline.first().isPast(nowNanos)) {
            Ticket late = byDeadline.first();
            unqueue(late);
            late.state = State.GONE;
            notices.add(new Notice.Expired(late));
        }
        Lane best = backlog.best();
        while (best != null && inFlight < limits.limit()) {
            Ticket next = best.head();
            start(next, best.key, best.model, nowNanos);
            notices.add(new Notice.Admitted(next));
            best = backlog.best();
        }
    }

    private void start(Ticket ticket, KeyAccount key, ModelAccount model, long nowNanos) {
        backlog.withdraw(key);
        accounts.charge(key);
        if (ticket.state == State.WAITING) {
            takeOut(ticket, laneOf(ticket));
        }
        ticket.state = State.HOLDING;
        ticket.heldSinceNanos = nowNanos;
        inFlight++;
        key.inFlight++;
        backlog.withdraw(model);
        model.inFlight++;
        backlog.restore(key);
        backlog.restore(model);
    }

    /// What became of those who waited, in order, since the last call.
    public List<Notice> takeNotices() {
        if (notices.isEmpty()) {
            return List.of();
        }
        List<Notice> taken = notices;
        notices = new ArrayList<>();
        return taken;
    }

    /// Requests that hold a place.
    public int inFlight() {
        return inFlight;
    }

    /// Requests that wait for one.
    public int waiting() {
        return waiting;
    }

    /// Throws if the accounts do not add up. Looks at every key and model.
    public void checkInvariants() {
        Audit.of(accounts, settings, shedding).check(inFlight, waiting, byDeadline.size());
        Lane best = backlog.best();
        Audit.verify(
                best == null || inFlight >= limits.limit(),
                "somebody could be served: %s in flight (expected: >= %s)",
                inFlight,
                limits.limit());
    }
}
