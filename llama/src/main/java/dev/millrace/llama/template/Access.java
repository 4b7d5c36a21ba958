package dev.millrace.llama.template;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Attributes, elements and slices: `a.b`, `a[b]`, `a[b:c:d]`.
final class Access {
    private Access() {}

    /// `base.name`: methods come before the keys of a dictionary, as in Jinja.
    static Object attribute(Object base, String name) {
        if (base instanceof Undefined u) {
            throw u.fault();
        }
        Object found = name.startsWith("_") ? null : ownAttribute(base, name);
        if (found == null && base instanceof Map<?, ?> map) {
            found = map.get(name);
        }
        return found == null ? new Undefined(name) : found;
    }

    /// `base[key]`: keys of a dictionary come before its methods.
    static Object item(Object base, Object key) {
        if (base instanceof Undefined u) {
            throw u.fault();
        }
        if (base instanceof Map<?, ?> map) {
            Object value = Operators.isSimple(key) ? map.get(key) : null;
            if (value != null) {
                return value;
            }
        } else if (key instanceof Long || key instanceof Boolean) {
            return element(base, Values.integer(key));
        }
        return key instanceof String name ? attribute(base, name) : new Undefined(Values.text(key));
    }

    /// `base[start:stop:step]`; absent bounds are `null`.
    static Object slice(Object base, @Nullable Long start, @Nullable Long stop, @Nullable Long step, Budget budget) {
        List<Object> elements = switch (base) {
            case String s -> Values.characters(s);
            case List<?> list -> Values.uncheckedList(list);
            case Tuple tuple -> tuple.items();
            case Undefined u -> List.of();
            default -> throw TemplateFault.error("'" + Values.typeName(base) + "' cannot be sliced");
        };
        budget.work(elements.size());
        List<Object> taken = taken(elements, start, stop, step == null ? 1 : step);
        return switch (base) {
            case String s -> {
                var text = new StringBuilder(taken.size());
                taken.forEach(text::append);
                yield text.toString();
            }
            case Tuple tuple -> new Tuple(taken);
            default -> taken;
        };
    }

    private static List<Object> taken(List<Object> elements, @Nullable Long start, @Nullable Long stop, long step) {
        if (step == 0) {
            throw TemplateFault.error("slice step cannot be zero");
        }
        long size = elements.size();
        long first = step > 0 ? 0 : size - 1;
        long end = step > 0 ? size : -1;
        long from = start == null ? first : bound(start, size, step);
        long to = stop == null ? end : bound(stop, size, step);
        long stride = Math.clamp(step, -size - 1, size + 1);
        List<Object> taken = new ArrayList<>();
        for (long i = from; step > 0 ? i < to : i > to; i += stride) {
            taken.add(elements.get((int) i));
        }
        return taken;
    }

    private static long bound(long index, long size, long step) {
        long absolute = index < 0 ? index + size : index;
        return step > 0 ? Math.clamp(absolute, 0, size) : Math.clamp(absolute, -1, size - 1);
    }

    private static Object element(Object base, long index) {
        long size = base instanceof String s ? s.codePointCount(0, s.length()) : sizeOf(base);
        long absolute = index < 0 ? index + size : index;
        if (absolute < 0 || absolute >= size) {
            return new Undefined("element " + index);
        }
        return switch (base) {
            case String s -> Character.toString(s.codePointAt(s.offsetByCodePoints(0, (int) absolute)));
            case List<?> list -> Values.uncheckedList(list).get((int) absolute);
            case Tuple tuple -> tuple.items().get((int) absolute);
            default -> new Undefined("element " + index);
        };
    }

    private static long sizeOf(Object base) {
        return base instanceof List<?> || base instanceof Tuple ? Values.length(base) : 0;
    }

    private static @Nullable Object ownAttribute(Object base, String name) {
        return switch (base) {
            case String s -> StringMethods.of(s, name);
            case Map<?, ?> map -> ContainerMethods.ofMap(map, name);
            case List<?> list -> ContainerMethods.ofList(Values.uncheckedList(list), name);
            case Tuple tuple -> ContainerMethods.ofList(tuple.items(), name);
            case Namespace namespace -> namespace.attributes().get(name);
            case Loop loop -> loop.attribute(name);
            default -> null;
        };
    }
}
