package dev.millrace.gateway.admission;

import java.util.Comparator;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// The lanes that could be served if there were a place, best first. *Confined to the owner of the policy.*
///
/// Two levels: lanes within models, and models by their best lane. So a model that fills up or gets room
/// moves as a whole, however many wait for it. Whatever decides the order is taken out before it changes
/// and put back after. Each call costs O(log n) per lane it touches, and a key has as many lanes as models
/// it waits for.
final class Backlog {
    private final TreeSet<ModelAccount> ready = new TreeSet<>(Comparator.comparing(ModelAccount::best, Lane.ORDER));

    @Nullable
    Lane best() {
        return ready.isEmpty() ? null : ready.first().best();
    }

    void withdraw(ModelAccount model) {
        if (model.ready) {
            ready.remove(model);
            model.ready = false;
        }
    }

    void restore(ModelAccount model) {
        if (!model.ready && !model.isFull() && !model.lanes.isEmpty()) {
            model.ready = true;
            ready.add(model);
        }
    }

    void withdraw(KeyAccount key) {
        key.lanes.values().forEach(this::withdraw);
    }

    void restore(KeyAccount key) {
        if (!key.isFull()) {
            key.lanes.values().forEach(this::restore);
        }
    }

    void withdraw(Lane lane) {
        if (!lane.listed) {
            return;
        }
        ModelAccount model = lane.model;
        boolean leads = Lane.ORDER.compare(lane, model.best()) == 0;
        if (leads) {
            withdraw(model);
        }
        model.lanes.remove(lane);
        lane.listed = false;
        if (leads) {
            restore(model);
        }
    }

    void restore(Lane lane) {
        if (lane.listed || lane.isEmpty() || lane.key.isFull()) {
            return;
        }
        ModelAccount model = lane.model;
        boolean leads = model.lanes.isEmpty() || Lane.ORDER.compare(lane, model.best()) < 0;
        if (leads) {
            withdraw(model);
        }
        model.lanes.add(lane);
        lane.listed = true;
        if (leads) {
            restore(model);
        }
    }
}
