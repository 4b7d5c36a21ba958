package dev.millrace.llama.template;

import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Variables of a block of the template, and those around it. *Confined to the thread that renders.*
final class Scope {
    private final @Nullable Scope parent;
    private final Budget budget;
    private final Map<String, Object> variables = new HashMap<>();

    private Scope(@Nullable Scope parent, Budget budget) {
        this.parent = parent;
        this.budget = budget;
    }

    static Scope outermost(Budget budget) {
        return new Scope(null, budget);
    }

    /// A scope inside this one: what is set there is forgotten with it.
    Scope inner() {
        return new Scope(this, budget);
    }

    Object get(String name) {
        for (Scope scope = this; scope != null; scope = scope.parent) {
            Object value = scope.variables.get(name);
            if (value != null) {
                return value;
            }
        }
        return new Undefined(name);
    }

    void set(String name, Object value) {
        variables.put(name, value);
    }

    Budget budget() {
        return budget;
    }
}
