package dev.millrace.testing.upstream;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What goes wrong in an answer. *Immutable.*
///
/// @param stream where a stream breaks off
/// @param whole where a whole body breaks off
record Faults(@Nullable Break stream, @Nullable Break whole, List<Insertion> insertions) {
    static final Faults NONE = new Faults(null, null, List.of());

    Faults stream(Break other) {
        return new Faults(other, whole, insertions);
    }

    Faults whole(Break other) {
        return new Faults(stream, other, insertions);
    }

    Faults insert(Insertion one) {
        List<Insertion> more = new ArrayList<>(insertions);
        more.add(one);
        return new Faults(stream, whole, List.copyOf(more));
    }
}
