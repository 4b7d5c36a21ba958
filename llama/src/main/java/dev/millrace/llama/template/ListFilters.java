package dev.millrace.llama.template;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/// The filters behind `|` that work on lists.
final class ListFilters {
    private ListFilters() {}

    static Object apply(String name, Object value, Arguments a) {
        return switch (name) {
            case "list" -> new ArrayList<>(Values.elements(value, a.budget()));
            case "first" -> edge(value, a, true);
            case "last" -> edge(value, a, false);
            case "join" -> join(value, a);
            case "reverse" -> reverse(value, a);
            case "sort" -> sort(value, a);
            case "unique" -> unique(value, a);
            case "sum" -> sum(value, a);
            case "min" -> extreme(value, a, -1);
            case "max" -> extreme(value, a, 1);
            case "map" -> map(value, a);
            case "select" -> select(value, a, false, true);
            case "reject" -> select(value, a, false, false);
            case "selectattr" -> select(value, a, true, true);
            case "rejectattr" -> select(value, a, true, false);
            case "batch" -> batch(value, a);
            case "dictsort" -> dictsort(value, a);
            case "groupby" -> groupBy(value, a);
            default -> throw TemplateFault.error("no filter named '" + name + "'");
        };
    }

    private static Object edge(Object value, Arguments a, boolean first) {
        List<Object> elements = Values.elements(value, a.budget());
        if (elements.isEmpty()) {
            return new Undefined("the " + (first ? "first" : "last") + " of nothing");
        }
        return first ? elements.getFirst() : elements.getLast();
    }

    private static String join(Object value, Arguments a) {
        List<Object> elements = attributes(Values.elements(value, a.budget()), a.get(1, "attribute", None.NONE));
        List<Object> texts = new ArrayList<>(elements.size());
        elements.forEach(element -> texts.add(Values.text(element)));
        return StringMethods.join(Values.text(a.get(0, "d", "")), texts, a.budget());
    }

    private static Object reverse(Object value, Arguments a) {
        if (value instanceof String s) {
            a.budget().work(s.length());
            return new StringBuilder(s).reverse().toString();
        }
        List<Object> reversed = new ArrayList<>(Values.elements(value, a.budget()));
        Collections.reverse(reversed);
        return reversed;
    }

    private static List<Object> sort(Object value, Arguments a) {
        List<Object> sorted = new ArrayList<>(Values.elements(value, a.budget()));
        Object attribute = a.get(2, "attribute", None.NONE);
        boolean caseSensitive = a.flag(1, "case_sensitive", false);
        Comparator<Object> order = (x, y) -> {
            a.budget().step();
            return Operators.compare(
                    folded(attributeOf(x, attribute), caseSensitive),
                    folded(attributeOf(y, attribute), caseSensitive),
                    "<",
                    a.budget());
        };
        sorted.sort(a.flag(0, "reverse", false) ? order.reversed() : order);
        return sorted;
    }

    private static List<Object> unique(Object value, Arguments a) {
        List<Object> seen = new ArrayList<>();
        List<Object> kept = new ArrayList<>();
        for (Object element : Values.elements(value, a.budget())) {
            Object key =
                    folded(attributeOf(element, a.get(1, "attribute", None.NONE)), a.flag(0, "case_sensitive", false));
            a.budget().work(seen.size());
            if (seen.stream().noneMatch(s -> Operators.equal(s, key, a.budget()))) {
                seen.add(key);
                kept.add(element);
            }
        }
        return kept;
    }

    private static Object sum(Object value, Arguments a) {
        Object sum = a.get(1, "start", 0L);
        for (Object element : attributes(Values.elements(value, a.budget()), a.get(0, "attribute", None.NONE))) {
            sum = Operators.add(sum, element, a.budget());
        }
        return sum;
    }

    private static Object extreme(Object value, Arguments a, int sign) {
        Object attribute = a.get(1, "attribute", None.NONE);
        Object best = new Undefined("the extreme of nothing");
        for (Object element : Values.elements(value, a.budget())) {
            if (best instanceof Undefined
                    || sign * compareFolded(attributeOf(element, attribute), attributeOf(best, attribute), a.budget())
                            > 0) {
                best = element;
            }
        }
        return best;
    }

    private static int compareFolded(Object x, Object y, Budget budget) {
        return Operators.compare(folded(x, false), folded(y, false), "<", budget);
    }

    private static List<Object> map(Object value, Arguments a) {
        List<Object> mapped = new ArrayList<>();
        for (Object element : Values.elements(value, a.budget())) {
            a.budget().step();
            if (a.named().containsKey("attribute")) {
                Object found = attributeOf(element, a.required(99, "attribute"));
                mapped.add(found instanceof Undefined && a.has(99, "default") ? a.required(99, "default") : found);
            } else {
                mapped.add(Filters.apply(a.text(0, "filter"), element, a.without(1)));
            }
        }
        return mapped;
    }

    private static List<Object> select(Object value, Arguments a, boolean byAttribute, boolean keep) {
        Object attribute = byAttribute ? a.required(0, "attribute") : None.NONE;
        Arguments test = byAttribute ? a.without(1) : a;
        List<Object> kept = new ArrayList<>();
        for (Object element : Values.elements(value, a.budget())) {
            a.budget().step();
            Object tested = attributeOf(element, attribute);
            boolean holds = test.positional().isEmpty()
                    ? Values.truth(tested)
                    : Tests.holds(test.text(0, "test"), tested, test.without(1));
            if (holds == keep) {
                kept.add(element);
            }
        }
        return kept;
    }

    private static List<Object> batch(Object value, Arguments a) {
        List<Object> elements = Values.elements(value, a.budget());
        int size = Math.clamp(a.integer(0, "linecount", 1), 1, Integer.MAX_VALUE);
        List<Object> batches = new ArrayList<>();
        for (int from = 0; from < elements.size(); from += size) {
            List<Object> batch = new ArrayList<>(elements.subList(from, Math.min(elements.size(), from + size)));
            while (a.has(1, "fill_with") && batch.size() < size) {
                a.budget().step();
                batch.add(a.required(1, "fill_with"));
            }
            batches.add(batch);
        }
        return batches;
    }

    private static List<Object> dictsort(Object value, Arguments a) {
        if (!(value instanceof Map<?, ?> map)) {
            throw TemplateFault.error("dictsort works on dictionaries only");
        }
        boolean caseSensitive = a.flag(0, "case_sensitive", false);
        long index = a.has(1, "by") && a.text(1, "by").equals("value") ? 1 : 0;
        List<Object> items = ContainerMethods.items(map, a.budget());
        Comparator<Object> order = (x, y) -> Operators.compare(
                folded(Access.item(x, index), caseSensitive),
                folded(Access.item(y, index), caseSensitive),
                "<",
                a.budget());
        items.sort(a.flag(2, "reverse", false) ? order.reversed() : order);
        return items;
    }

    private static List<Object> groupBy(Object value, Arguments a) {
        Object attribute = a.required(0, "attribute");
        var sorting = new Arguments("sort", List.of(), Map.of("attribute", attribute), a.budget());
        List<Object> groups = new ArrayList<>();
        List<Object> group = new ArrayList<>();
        Object last = None.NONE;
        for (Object element : sort(value, sorting)) {
            Object key = attributeOf(element, attribute);
            if (groups.isEmpty() || !Operators.equal(folded(key, false), folded(last, false), a.budget())) {
                group = new ArrayList<>();
                groups.add(Tuple.of(key, group));
                last = key;
            }
            group.add(element);
        }
        return groups;
    }

    private static List<Object> attributes(List<Object> elements, Object attribute) {
        return elements.stream().map(element -> attributeOf(element, attribute)).toList();
    }

    /// `a.b.0` means attribute a, then b, then the first element; no attribute means the value itself.
    private static Object attributeOf(Object value, Object attribute) {
        if (attribute instanceof None) {
            return value;
        }
        if (attribute instanceof Long index) {
            return Access.item(value, index);
        }
        Object found = value;
        for (String part : Values.text(attribute).split("\\.", -1)) {
            boolean number =
                    !part.isEmpty() && part.length() < 10 && part.chars().allMatch(c -> c >= '0' && c <= '9');
            found = Access.item(found, number ? (Object) Long.parseLong(part) : part);
        }
        return found;
    }

    private static Object folded(Object value, boolean caseSensitive) {
        return value instanceof String s && !caseSensitive ? s.toLowerCase(Locale.ROOT) : value;
    }
}
