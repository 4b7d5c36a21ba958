package dev.millrace.llama.template;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The variable `loop` inside of a `for`. *Confined to the thread that renders.*
final class Loop {
    private final List<Object> items;
    private final int depth;
    private int index;
    private List<Object> lastChanged = new ArrayList<>();
    private final @Nullable Callable recursion;

    Loop(List<Object> items, int depth, @Nullable Callable recursion) {
        this.items = items;
        this.depth = depth;
        this.recursion = recursion;
    }

    void moveTo(int index) {
        this.index = index;
    }

    long length() {
        return items.size();
    }

    /// What `loop(...)` does in a recursive loop.
    Object call(Arguments arguments) {
        if (recursion == null) {
            throw TemplateFault.error("the loop is not recursive");
        }
        return recursion.call(arguments);
    }

    @Nullable
    Object attribute(String name) {
        return switch (name) {
            case "index" -> index + 1L;
            case "index0" -> (long) index;
            case "revindex" -> (long) items.size() - index;
            case "revindex0" -> items.size() - index - 1L;
            case "first" -> index == 0;
            case "last" -> index == items.size() - 1;
            case "length" -> (long) items.size();
            case "depth" -> depth + 1L;
            case "depth0" -> (long) depth;
            case "previtem" -> index == 0 ? new Undefined("previtem") : items.get(index - 1);
            case "nextitem" -> index == items.size() - 1 ? new Undefined("nextitem") : items.get(index + 1);
            case "cycle" -> (Callable) this::cycle;
            case "changed" -> (Callable) this::changed;
            default -> null;
        };
    }

    private Object cycle(Arguments a) {
        if (a.positional().isEmpty()) {
            throw TemplateFault.error("cycle() needs values");
        }
        return a.positional().get(index % a.positional().size());
    }

    private Object changed(Arguments a) {
        boolean changed = index == 0 || !Operators.equal(lastChanged, a.positional(), a.budget());
        lastChanged = a.positional();
        return changed;
    }
}
