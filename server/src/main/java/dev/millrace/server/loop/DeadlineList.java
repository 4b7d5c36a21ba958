package dev.millrace.server.loop;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// All things with deadlines of one event loop, looked at together by one periodic timer: adding and removing cost
/// a few stores, where a timer for each would cost a heap operation twice per request. *Confined to its event
/// loop.*
public final class DeadlineList {
    private @Nullable Deadlined first;
    private int size;

    /// Adds an item that is not on a list.
    public void add(Deadlined item) {
        item.link(first);
        first = item;
        size++;
    }

    /// Removes an item; does nothing if it is on no list.
    public void remove(Deadlined item) {
        if (item.isListed()) {
            if (item.isFirst()) {
                first = item.after();
            }
            item.unlink();
            size--;
        }
    }

    /// Number of items.
    public int size() {
        return size;
    }

    /// Lets every item look at its deadlines.
    public void sweep(long nowNanos) {
        forEach(item -> item.checkDeadlines(nowNanos));
    }

    /// Ends every item.
    public void shutDown() {
        forEach(Deadlined::shutDown);
    }

    /// An item may remove itself or others while it is looked at, so the walk is over a copy.
    private void forEach(Consumer<Deadlined> action) {
        List<Deadlined> items = new ArrayList<>(size);
        for (Deadlined item = first; item != null; item = item.after()) {
            items.add(item);
        }
        for (Deadlined item : items) {
            if (item.isListed()) {
                action.accept(item);
            }
        }
    }
}
