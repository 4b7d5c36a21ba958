package dev.millrace.llama.template;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/// Python's operators on the values of a template.
final class Operators {
    private Operators() {}

    static Object add(Object a, Object b, Budget budget) {
        if (a instanceof String x && b instanceof String y) {
            budget.work((long) x.length() + y.length());
            return x + y;
        }
        if (a instanceof List<?> x && b instanceof List<?> y) {
            return joined(x, y, budget);
        }
        if (a instanceof Tuple x && b instanceof Tuple y) {
            return new Tuple(joined(x.items(), y.items(), budget));
        }
        if (bothInteger(a, b)) {
            return exact(() -> Math.addExact(Values.integer(a), Values.integer(b)));
        }
        return real(a, "+", b) + Values.real(b);
    }

    static Object subtract(Object a, Object b) {
        if (bothInteger(a, b)) {
            return exact(() -> Math.subtractExact(Values.integer(a), Values.integer(b)));
        }
        return real(a, "-", b) - Values.real(b);
    }

    static Object multiply(Object a, Object b, Budget budget) {
        if (b instanceof String || b instanceof List<?>) {
            return isInteger(a) ? repeated(b, Values.integer(a), budget) : real(a, "*", b);
        }
        if ((a instanceof String || a instanceof List<?>) && isInteger(b)) {
            return repeated(a, Values.integer(b), budget);
        }
        if (bothInteger(a, b)) {
            return exact(() -> Math.multiplyExact(Values.integer(a), Values.integer(b)));
        }
        return real(a, "*", b) * Values.real(b);
    }

    static Object divide(Object a, Object b) {
        double dividend = real(a, "/", b);
        return dividend / notZero(Values.real(b));
    }

    static Object floorDivide(Object a, Object b) {
        double dividend = real(a, "//", b);
        notZero(Values.real(b));
        if (bothInteger(a, b)) {
            return Math.floorDiv(Values.integer(a), Values.integer(b));
        }
        return Math.floor(dividend / Values.real(b));
    }

    static Object modulo(Object a, Object b, Budget budget) {
        if (a instanceof String pattern) {
            List<Object> values = b instanceof Tuple tuple ? tuple.items() : List.of(b);
            return PercentFormat.format(pattern, values, budget);
        }
        double dividend = real(a, "%", b);
        double divisor = notZero(Values.real(b));
        if (bothInteger(a, b)) {
            return Math.floorMod(Values.integer(a), Values.integer(b));
        }
        return dividend - divisor * Math.floor(dividend / divisor);
    }

    static Object power(Object a, Object b) {
        double result = Math.pow(real(a, "**", b), Values.real(b));
        if (bothInteger(a, b) && Values.integer(b) >= 0) {
            if (Math.abs(result) > 1L << 53) {
                throw TemplateFault.error("a number is too large");
            }
            return (long) result;
        }
        return result;
    }

    static Object negate(Object a) {
        return isInteger(a) ? exact(() -> Math.negateExact(Values.integer(a))) : (Object) (-real(a, "-", 0L));
    }

    /// `a == b`; numbers compare by value, `True` is 1. Each comparison inside of lists costs a step: a list that
    /// holds the same list twice, sixty deep, has more elements than there is time.
    static boolean equal(Object a, Object b, Budget budget) {
        budget.step();
        if (Values.isNumber(a) && Values.isNumber(b)) {
            return bothInteger(a, b) ? Values.integer(a) == Values.integer(b) : Values.real(a) == Values.real(b);
        }
        return switch (a) {
            case List<?> x -> b instanceof List<?> y && sameElements(x, y, budget);
            case Tuple x -> b instanceof Tuple y && sameElements(x.items(), y.items(), budget);
            case Map<?, ?> x -> b instanceof Map<?, ?> y && sameEntries(x, y, budget);
            default -> identical(a, b);
        };
    }

    /// `a is b` as far as a template can tell: simple values by value, all others only if they are the same object.
    @SuppressWarnings("ReferenceEquality") // on purpose, and never deep
    static boolean identical(Object a, Object b) {
        return isSimple(a) ? a.equals(b) : a == b;
    }

    /// A key of a dictionary, or a fault: lists have no hash in Python, and a deep one would take forever here.
    static Object key(Object value) {
        if (isSimple(value)) {
            return value;
        }
        throw TemplateFault.error("a value of type '" + Values.typeName(value) + "' cannot be a key");
    }

    /// True for values that can be keys.
    static boolean isSimple(Object value) {
        return value instanceof String || Values.isNumber(value) || value instanceof None || value instanceof Undefined;
    }

    /// Negative, zero or positive, as `a` is less than, equal to or greater than `b`.
    static int compare(Object a, Object b, String operator, Budget budget) {
        budget.step();
        if (Values.isNumber(a) && Values.isNumber(b)) {
            return bothInteger(a, b)
                    ? Long.compare(Values.integer(a), Values.integer(b))
                    : Double.compare(Values.real(a), Values.real(b));
        }
        if (a instanceof String x && b instanceof String y) {
            budget.work(Math.min(x.length(), y.length()));
            return compareCodePoints(x, y);
        }
        if (a instanceof List<?> x && b instanceof List<?> y) {
            return compareElements(x, y, operator, budget);
        }
        if (a instanceof Tuple x && b instanceof Tuple y) {
            return compareElements(x.items(), y.items(), operator, budget);
        }
        throw mismatch(a, operator, b);
    }

    /// `item in container`.
    static boolean contains(Object container, Object item, Budget budget) {
        if (container instanceof String text) {
            if (item instanceof String part) {
                budget.work(text.length());
                return text.contains(part);
            }
            throw mismatch(item, "in", container);
        }
        if (container instanceof Map<?, ?> map) {
            return map.containsKey(key(item));
        }
        for (Object element : Values.elements(container, budget)) {
            if (equal(element, item, budget)) {
                return true;
            }
        }
        return false;
    }

    private static Object repeated(Object value, long times, Budget budget) {
        long length = value instanceof String s ? s.length() : Values.length(value);
        int count = (int) Math.clamp(times, 0, Budget.MAX_LENGTH + 1L);
        budget.work(length * count);
        if (value instanceof String s) {
            return s.repeat(count);
        }
        List<Object> copies = new ArrayList<>();
        Collections.nCopies(count, value).forEach(v -> copies.addAll(Values.elements(v, budget)));
        return copies;
    }

    private static List<Object> joined(List<?> a, List<?> b, Budget budget) {
        budget.work((long) a.size() + b.size());
        List<Object> all = new ArrayList<>(a);
        all.addAll(b);
        return all;
    }

    private static boolean sameElements(List<?> a, List<?> b, Budget budget) {
        if (a.size() != b.size()) {
            return false;
        }
        for (int i = 0; i < a.size(); i++) {
            if (!equal(Objects.requireNonNull(a.get(i)), Objects.requireNonNull(b.get(i)), budget)) {
                return false;
            }
        }
        return true;
    }

    private static boolean sameEntries(Map<?, ?> a, Map<?, ?> b, Budget budget) {
        if (a.size() != b.size()) {
            return false;
        }
        for (Map.Entry<?, ?> entry : a.entrySet()) {
            Object other = b.get(entry.getKey());
            if (other == null || !equal(Objects.requireNonNull(entry.getValue()), other, budget)) {
                return false;
            }
        }
        return true;
    }

    private static int compareElements(List<?> a, List<?> b, String operator, Budget budget) {
        for (int i = 0; i < Math.min(a.size(), b.size()); i++) {
            Object x = Objects.requireNonNull(a.get(i));
            Object y = Objects.requireNonNull(b.get(i));
            if (!equal(x, y, budget)) {
                return compare(x, y, operator, budget);
            }
        }
        return Integer.compare(a.size(), b.size());
    }

    /// Python orders strings by code point, Java by UTF-16 unit.
    private static int compareCodePoints(String a, String b) {
        int[] x = a.codePoints().toArray();
        int[] y = b.codePoints().toArray();
        return java.util.Arrays.compare(x, y);
    }

    private static boolean isInteger(Object value) {
        return value instanceof Long || value instanceof Boolean;
    }

    private static boolean bothInteger(Object a, Object b) {
        return isInteger(a) && isInteger(b);
    }

    private static double real(Object a, String operator, Object b) {
        if (!Values.isNumber(a) || !Values.isNumber(b)) {
            throw mismatch(a, operator, b);
        }
        return Values.real(a);
    }

    private static double notZero(double divisor) {
        if (divisor == 0) {
            throw TemplateFault.error("division by zero");
        }
        return divisor;
    }

    private static Object exact(java.util.function.LongSupplier computation) {
        try {
            return computation.getAsLong();
        } catch (ArithmeticException e) {
            throw TemplateFault.error("a number is too large");
        }
    }

    private static TemplateFault mismatch(Object a, String operator, Object b) {
        if (a instanceof Undefined u) {
            return u.fault();
        }
        if (b instanceof Undefined u) {
            return u.fault();
        }
        return TemplateFault.error(
                "'" + operator + "' does not work on " + Values.typeName(a) + " and " + Values.typeName(b));
    }
}
