package dev.millrace.llama.template;

import java.util.List;

/// Python's tuple: a list that prints in parentheses and equals tuples only. *Immutable.*
record Tuple(List<Object> items) {
    static Tuple of(Object... items) {
        return new Tuple(List.of(items));
    }
}
