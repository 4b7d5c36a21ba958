package dev.millrace.llama.template;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// The methods of Python's `dict`, `list` and `tuple` that change nothing. The others are refused, as in the
/// sandbox that chat templates are written for.
final class ContainerMethods {
    private static final Set<String> CHANGING = Set.of(
            "append",
            "extend",
            "insert",
            "remove",
            "sort",
            "reverse",
            "pop",
            "popitem",
            "clear",
            "update",
            "setdefault");

    private ContainerMethods() {}

    static @Nullable Callable ofMap(Map<?, ?> map, String name) {
        return switch (name) {
            case "items" -> a -> items(map, a.budget());
            case "keys" -> a -> Values.elements(map, a.budget());
            case "values" ->
                a -> {
                    a.budget().work(map.size());
                    return new ArrayList<Object>(map.values());
                };
            case "get" ->
                a -> {
                    Object value = map.get(Operators.key(a.required(0, "key")));
                    return value == null ? a.get(1, "default", None.NONE) : value;
                };
            case "copy" ->
                a -> {
                    a.budget().work(map.size());
                    return new LinkedHashMap<Object, Object>(map);
                };
            case "clear", "pop", "popitem", "update", "setdefault" -> refused(name);
            default -> null;
        };
    }

    static @Nullable Callable ofList(List<Object> list, String name) {
        return switch (name) {
            case "count" ->
                a -> {
                    a.budget().work(list.size());
                    Object item = a.required(0, "value");
                    return list.stream()
                            .filter(e -> Operators.equal(e, item, a.budget()))
                            .count();
                };
            case "index" -> a -> index(list, a.required(0, "value"), a.budget());
            case "copy" ->
                a -> {
                    a.budget().work(list.size());
                    return new ArrayList<>(list);
                };
            default -> CHANGING.contains(name) ? refused(name) : null;
        };
    }

    static List<Object> items(Map<?, ?> map, Budget budget) {
        budget.work(map.size());
        List<Object> items = new ArrayList<>();
        map.forEach((key, value) -> items.add(Tuple.of(key, value)));
        return items;
    }

    private static Object index(List<Object> list, Object item, Budget budget) {
        budget.work(list.size());
        for (int i = 0; i < list.size(); i++) {
            if (Operators.equal(list.get(i), item, budget)) {
                return (long) i;
            }
        }
        throw TemplateFault.error(Repr.of(item) + " is not in the list");
    }

    private static Callable refused(String name) {
        return a -> {
            throw TemplateFault.error("'" + name + "' is not allowed: values cannot be changed");
        };
    }
}
