package dev.millrace.llama.template;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;

/// The filter `tojson`, which for chat templates is Python's `json.dumps` with its separators, and not ASCII
/// only.
final class Json {
    private static final int MAX_NESTING = 100;

    private final boolean asciiOnly;
    private final boolean sortKeys;
    private final String indent;
    private final String itemSeparator;
    private final String keySeparator;
    private final Budget budget;
    private final StringBuilder out = new StringBuilder();

    private Json(Arguments a) {
        Object width = a.get(1, "indent", None.NONE);
        this.asciiOnly = a.flag(0, "ensure_ascii", false);
        this.indent = switch (width) {
            case Long n -> " ".repeat(Math.clamp(n, 0, 100));
            case String s -> s;
            default -> "";
        };
        Object separators = a.get(2, "separators", None.NONE);
        boolean own = separators instanceof Tuple || separators instanceof List<?>;
        this.itemSeparator = own ? Values.text(Access.item(separators, 0L)) : width instanceof None ? ", " : ",";
        this.keySeparator = own ? Values.text(Access.item(separators, 1L)) : ": ";
        this.sortKeys = a.flag(3, "sort_keys", false);
        this.indented = !(width instanceof None);
        this.budget = a.budget();
    }

    private final boolean indented;

    static String write(Object value, Arguments a) {
        var json = new Json(a);
        json.value(value, 0);
        return json.out.toString();
    }

    private void value(Object value, int depth) {
        if (depth > MAX_NESTING) {
            throw TemplateFault.error("a value is nested more than " + MAX_NESTING + " deep");
        }
        budget.step();
        switch (value) {
            case None n -> out.append("null");
            case Boolean b -> out.append(b ? "true" : "false");
            case Long l -> out.append(l.longValue());
            case Double d -> out.append(number(d));
            case String s -> string(s);
            case List<?> list -> items(list.iterator(), depth, '[', ']');
            case Tuple tuple -> items(tuple.items().iterator(), depth, '[', ']');
            case Map<?, ?> map -> items(entries(map).iterator(), depth, '{', '}');
            case Undefined u -> throw u.fault();
            default -> throw TemplateFault.error("a value of type '" + Values.typeName(value) + "' is not JSON");
        }
    }

    private static String number(Double d) {
        return d.isNaN() ? "NaN" : d.isInfinite() ? (d > 0 ? "Infinity" : "-Infinity") : Repr.number(d);
    }

    private List<Map.Entry<?, ?>> entries(Map<?, ?> map) {
        List<Map.Entry<?, ?>> entries = new ArrayList<>(map.entrySet());
        if (sortKeys) {
            entries.sort((x, y) -> Operators.compare(Values.text(key(x)), Values.text(key(y)), "<", budget));
        }
        return entries;
    }

    private static Object key(Map.Entry<?, ?> entry) {
        Object key = entry.getKey();
        return key == null ? None.NONE : key;
    }

    private void items(Iterator<?> items, int depth, char open, char close) {
        out.append(open);
        if (!items.hasNext()) {
            out.append(close);
            return;
        }
        while (true) {
            line(depth + 1);
            Object item = items.next();
            item(item == null ? None.NONE : item, depth + 1);
            if (!items.hasNext()) {
                break;
            }
            out.append(itemSeparator);
        }
        line(depth);
        out.append(close);
    }

    private void item(Object item, int depth) {
        if (item instanceof Map.Entry<?, ?> entry) {
            Object key = key(entry);
            string(key instanceof Boolean b ? (b ? "true" : "false") : key instanceof None ? "null" : Values.text(key));
            out.append(keySeparator);
            Object value = entry.getValue();
            value(value == null ? None.NONE : value, depth);
        } else {
            value(item, depth);
        }
    }

    private void line(int depth) {
        if (indented) {
            budget.work((long) depth * indent.length());
            out.append('\n').repeat(indent, depth);
        }
    }

    private void string(String s) {
        budget.work(s.length());
        out.append('"');
        for (int i = 0; i < s.length(); i++) {
            char c = s.charAt(i);
            switch (c) {
                case '"' -> out.append("\\\"");
                case '\\' -> out.append("\\\\");
                case '\n' -> out.append("\\n");
                case '\r' -> out.append("\\r");
                case '\t' -> out.append("\\t");
                case '\b' -> out.append("\\b");
                case '\f' -> out.append("\\f");
                default -> {
                    if (c < ' ' || (asciiOnly && c > '~')) {
                        out.append("\\u%04x".formatted((int) c));
                    } else {
                        out.append(c);
                    }
                }
            }
        }
        out.append('"');
    }
}
