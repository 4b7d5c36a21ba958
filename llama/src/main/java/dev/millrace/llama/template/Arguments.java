package dev.millrace.llama.template;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// The arguments of a call.
///
/// @param callee what is called, for messages
record Arguments(String callee, List<Object> positional, Map<String, Object> named, Budget budget) {
    private static final Object MISSING = new Object();

    /// The argument at `index` or called `name`; `fallback` if there is none.
    Object get(int index, String name, Object fallback) {
        if (index < positional.size()) {
            return positional.get(index);
        }
        return named.getOrDefault(name, fallback);
    }

    Object required(int index, String name) {
        Object value = get(index, name, MISSING);
        if (value == MISSING) {
            throw TemplateFault.error(callee + "() needs '" + name + "'");
        }
        return value;
    }

    String text(int index, String name) {
        return Values.text(required(index, name));
    }

    long integer(int index, String name, long fallback) {
        return Values.integer(get(index, name, fallback));
    }

    boolean flag(int index, String name, boolean fallback) {
        return Values.truth(get(index, name, fallback));
    }

    boolean has(int index, String name) {
        return index < positional.size() || named.containsKey(name);
    }

    /// The same arguments and one more.
    Arguments with(String name, Object value) {
        Map<String, Object> more = new LinkedHashMap<>(named);
        more.put(name, value);
        return new Arguments(callee, positional, more, budget);
    }

    /// The same arguments without the first `count` positional ones.
    Arguments without(int count) {
        return new Arguments(
                callee, positional.subList(Math.min(count, positional.size()), positional.size()), named, budget);
    }
}
