package dev.millrace.gateway.admission;

import java.util.Comparator;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// Those of one key that wait for one model, in the order in which they came. *Confined to the owner of the
/// policy.*
///
/// A key has one lane per model: were it one line, a full model at its head would hold up the rest for
/// nothing.
final class Lane {
    /// By the key's tag; equal keys, and the lanes of one key, by the arrival of their first.
    static final Comparator<Lane> ORDER = Lane::compare;

    final KeyAccount key;
    final ModelAccount model;
    /// Among its model's lanes.
    boolean listed;
    private @Nullable Ticket first;
    private @Nullable Ticket last;

    Lane(KeyAccount key, ModelAccount model) {
        this.key = key;
        this.model = model;
    }

    boolean isEmpty() {
        return first == null;
    }

    Ticket head() {
        return Objects.requireNonNull(first, "empty lane");
    }

    void add(Ticket ticket) {
        ticket.lane = this;
        ticket.before = last;
        if (last == null) {
            first = ticket;
        } else {
            last.after = ticket;
        }
        last = ticket;
    }

    void remove(Ticket ticket) {
        Ticket before = ticket.before;
        Ticket after = ticket.after;
        if (before == null) {
            first = after;
        } else {
            before.after = after;
        }
        if (after == null) {
            last = before;
        } else {
            after.before = before;
        }
        ticket.before = null;
        ticket.after = null;
    }

    private static int compare(Lane left, Lane right) {
        int tags = Double.compare(left.key.startTag, right.key.startTag);
        return tags != 0 ? tags : Long.compare(left.head().order, right.head().order);
    }
}
