package dev.millrace.llama.template;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What Python's built-in `str`, `bool`, `len`, `iter` and `int` say of a value.
///
/// Values of a template are: [None], [Undefined], `Boolean`, `Long`, `Double`, `String`, `List`, [Tuple],
/// `Map`, [Namespace], [Loop] and [Callable]. Nothing else ever reaches one, so there is no Java object to
/// reflect on.
final class Values {
    private static final int MAX_NESTING = 100;

    private Values() {}

    /// A value from outside: maps, lists, strings, numbers and booleans are copied, everything else becomes a
    /// string.
    static Object fromJava(@Nullable Object value) {
        return fromJava(value, 0);
    }

    private static Object fromJava(@Nullable Object value, int depth) {
        if (depth > MAX_NESTING) {
            throw TemplateFault.error("an argument is nested more than " + MAX_NESTING + " deep");
        }
        return switch (value) {
            case null -> None.NONE;
            case String s -> s;
            case Boolean b -> b;
            case Double d -> d;
            case Float f -> f.doubleValue();
            case Number n -> n.longValue();
            case Map<?, ?> map -> {
                Map<Object, Object> copy = new LinkedHashMap<>();
                map.forEach((k, v) -> copy.put(String.valueOf(k), fromJava(v, depth + 1)));
                yield copy;
            }
            case Iterable<?> items -> {
                List<Object> copy = new ArrayList<>();
                items.forEach(item -> copy.add(fromJava(item, depth + 1)));
                yield copy;
            }
            default -> value.toString();
        };
    }

    /// `str(value)`: what `{{ value }}` prints.
    static String text(Object value) {
        return switch (value) {
            case String s -> s;
            case Undefined u -> "";
            default -> Repr.of(value);
        };
    }

    /// `bool(value)`.
    static boolean truth(Object value) {
        return switch (value) {
            case Boolean b -> b;
            case None n -> false;
            case Undefined u -> false;
            case Long l -> l != 0;
            case Double d -> d != 0;
            case String s -> !s.isEmpty();
            case List<?> list -> !list.isEmpty();
            case Tuple tuple -> !tuple.items().isEmpty();
            case Map<?, ?> map -> !map.isEmpty();
            default -> true;
        };
    }

    /// `len(value)`: characters are code points.
    static long length(Object value) {
        return switch (value) {
            case String s -> s.codePointCount(0, s.length());
            case Undefined u -> 0;
            case List<?> list -> list.size();
            case Tuple tuple -> tuple.items().size();
            case Map<?, ?> map -> map.size();
            case Loop loop -> loop.length();
            default -> throw TemplateFault.error("a value of type '" + typeName(value) + "' has no length");
        };
    }

    /// `list(value)`, not to be changed: elements, keys or characters.
    static List<Object> elements(Object value, Budget budget) {
        List<Object> elements = switch (value) {
            case List<?> list -> uncheckedList(list);
            case Tuple tuple -> tuple.items();
            case Map<?, ?> map -> new ArrayList<>(map.keySet());
            case Undefined u -> List.of();
            case String s -> characters(s);
            default -> throw TemplateFault.error("a value of type '" + typeName(value) + "' cannot be looped over");
        };
        budget.work(elements.size());
        return elements;
    }

    /// A whole number, or a fault.
    static long integer(Object value) {
        return switch (value) {
            case Long l -> l;
            case Boolean b -> b ? 1 : 0;
            case Undefined u -> throw u.fault();
            default -> throw TemplateFault.error("a number was expected, not '" + typeName(value) + "'");
        };
    }

    /// True for Python's `int`, `float` and `bool`.
    static boolean isNumber(Object value) {
        return value instanceof Long || value instanceof Double || value instanceof Boolean;
    }

    static double real(Object value) {
        return value instanceof Double d ? d : integer(value);
    }

    /// Python's name of the type.
    static String typeName(Object value) {
        return switch (value) {
            case None n -> "NoneType";
            case Undefined u -> "Undefined";
            case Boolean b -> "bool";
            case Long l -> "int";
            case Double d -> "float";
            case String s -> "str";
            case List<?> list -> "list";
            case Tuple tuple -> "tuple";
            case Map<?, ?> map -> "dict";
            case Namespace namespace -> "Namespace";
            case Loop loop -> "LoopContext";
            default -> "function";
        };
    }

    static List<Object> characters(String text) {
        List<Object> characters = new ArrayList<>(text.length());
        text.codePoints().forEach(c -> characters.add(Character.toString(c)));
        return characters;
    }

    @SuppressWarnings("unchecked") // lists of values are only ever read through this
    static List<Object> uncheckedList(List<?> list) {
        return (List<Object>) list;
    }
}
