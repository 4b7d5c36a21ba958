package dev.millrace.llama.template;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/// The filters behind `|` that work on one value; those on lists are in [ListFilters].
final class Filters {
    private Filters() {}

    static Object apply(String name, Object value, Arguments a) {
        return switch (name) {
            case "default", "d" -> orDefault(value, a);
            case "string" -> Values.text(value);
            case "trim" -> {
                a.budget().work(Values.text(value).length());
                yield StringMethods.strip(Values.text(value), a.get(0, "chars", None.NONE), true, true);
            }
            case "upper" -> worked(value, a).toUpperCase(Locale.ROOT);
            case "lower" -> worked(value, a).toLowerCase(Locale.ROOT);
            case "title" -> words(worked(value, a));
            case "capitalize" -> StringMethods.capitalize(worked(value, a));
            case "replace" ->
                StringMethods.replace(Values.text(value), a.text(0, "old"), a.text(1, "new"), count(a, 2), a.budget());
            case "length", "count" -> Values.length(value);
            case "int" -> toInteger(value, a);
            case "float" -> toReal(value, a);
            case "abs" -> value instanceof Double d ? (Object) Math.abs(d) : (Object) Math.abs(Values.integer(value));
            case "round" -> round(value, a);
            case "tojson" -> Json.write(value, a);
            case "escape", "e", "forceescape" -> escape(worked(value, a));
            case "safe" -> value;
            case "format" -> PercentFormat.format(Values.text(value), a.positional(), a.budget());
            case "indent" -> indent(worked(value, a), a);
            case "center" -> centered(Values.text(value), a);
            case "wordcount" ->
                (long) Splitting.split(Values.text(value), plain(a), false).size();
            case "items" -> items(value, a);
            default -> ListFilters.apply(name, value, a);
        };
    }

    private static Object orDefault(Object value, Arguments a) {
        boolean replace = value instanceof Undefined || (a.flag(1, "boolean", false) && !Values.truth(value));
        return replace ? a.get(0, "default_value", "") : value;
    }

    private static String worked(Object value, Arguments a) {
        String text = Values.text(value);
        a.budget().work(text.length());
        return text;
    }

    private static long count(Arguments a, int index) {
        Object count = a.get(index, "count", None.NONE);
        return count instanceof None ? -1 : Values.integer(count);
    }

    private static Arguments plain(Arguments a) {
        return new Arguments("split", List.of(), Map.of(), a.budget());
    }

    /// Jinja's own rule: words begin behind white space and `-([{<`.
    private static String words(String text) {
        var out = new StringBuilder(text.length());
        boolean start = true;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            out.append(start ? Character.toUpperCase(c) : Character.toLowerCase(c));
            start = StringMethods.isSpace(c) || "-([{<".indexOf(c) >= 0;
        }
        return out.toString();
    }

    private static Object toInteger(Object value, Arguments a) {
        Object fallback = a.get(0, "default", 0L);
        try {
            return switch (value) {
                case Long l -> l;
                case Boolean b -> b ? 1L : 0L;
                case Double d -> d.isNaN() || d.isInfinite() ? fallback : (Object) d.longValue();
                case String s -> parsed(s.strip(), (int) a.integer(1, "base", 10));
                default -> fallback;
            };
        } catch (NumberFormatException e) {
            return fallback;
        }
    }

    private static Object parsed(String s, int base) {
        try {
            boolean prefixed = base == 16 && s.regionMatches(true, 0, "0x", 0, 2);
            return Long.parseLong((prefixed ? s.substring(2) : s).replace("_", ""), base);
        } catch (NumberFormatException e) {
            return (long) Double.parseDouble(s);
        }
    }

    private static Object toReal(Object value, Arguments a) {
        Object fallback = a.get(0, "default", 0.0);
        try {
            return switch (value) {
                case Long l -> l.doubleValue();
                case Boolean b -> b ? 1.0 : 0.0;
                case Double d -> d;
                case String s -> Double.parseDouble(s.strip());
                default -> fallback;
            };
        } catch (NumberFormatException e) {
            return fallback;
        }
    }

    private static Object round(Object value, Arguments a) {
        int precision = Math.clamp(a.integer(0, "precision", 0), -18, 18);
        String method = a.has(1, "method") ? a.text(1, "method") : "common";
        java.math.RoundingMode mode = switch (method) {
            case "ceil" -> java.math.RoundingMode.CEILING;
            case "floor" -> java.math.RoundingMode.FLOOR;
            default -> java.math.RoundingMode.HALF_EVEN;
        };
        return new java.math.BigDecimal(Values.real(value))
                .setScale(precision, mode)
                .doubleValue();
    }

    private static String escape(String text) {
        return text.replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("'", "&#39;")
                .replace("\"", "&#34;");
    }

    private static String indent(String text, Arguments a) {
        Object width = a.get(0, "width", 4L);
        String indent = width instanceof String s ? s : " ".repeat(Math.clamp(Values.integer(width), 0, 1000));
        boolean first = a.flag(1, "first", false);
        boolean blank = a.flag(2, "blank", false);
        List<Object> lines = Splitting.lines(text + "\n", false, a.budget());
        a.budget().work(text.length() + (long) lines.size() * indent.length());
        var out = new StringBuilder();
        for (int i = 0; i < lines.size(); i++) {
            String line = Values.text(lines.get(i));
            boolean indented = i == 0 ? first : blank || !line.isEmpty();
            out.append(i == 0 ? "" : "\n").append(indented ? indent : "").append(line);
        }
        return out.toString();
    }

    private static Object centered(String text, Arguments a) {
        List<Object> width = List.of(a.integer(0, "width", 80));
        Callable center = StringMethods.of(text, "center");
        return center == null ? text : center.call(new Arguments("center", width, Map.of(), a.budget()));
    }

    private static List<Object> items(Object value, Arguments a) {
        return switch (value) {
            case Map<?, ?> map -> ContainerMethods.items(map, a.budget());
            case Undefined u -> new ArrayList<>();
            default -> throw TemplateFault.error("items works on dictionaries only");
        };
    }
}
