package dev.millrace.llama.template;

import java.util.List;
import java.util.Locale;
import java.util.Map;

/// The tests behind `is`.
final class Tests {
    private Tests() {}

    static boolean holds(String name, Object value, Arguments a) {
        return switch (name) {
            case "defined" -> !(value instanceof Undefined);
            case "undefined" -> value instanceof Undefined;
            case "none" -> value instanceof None;
            case "boolean" -> value instanceof Boolean;
            case "true" -> Boolean.TRUE.equals(value);
            case "false" -> Boolean.FALSE.equals(value);
            case "string" -> value instanceof String;
            case "number" -> Values.isNumber(value);
            case "integer" -> value instanceof Long;
            case "float" -> value instanceof Double;
            case "mapping" -> value instanceof Map<?, ?>;
            case "sequence" -> isSequence(value);
            case "iterable" -> isSequence(value) || value instanceof Loop;
            case "callable" -> value instanceof Callable;
            case "lower" -> Values.text(value).equals(Values.text(value).toLowerCase(Locale.ROOT));
            case "upper" -> Values.text(value).equals(Values.text(value).toUpperCase(Locale.ROOT));
            case "odd" -> Math.floorMod(Values.integer(value), 2L) == 1;
            case "even" -> Math.floorMod(Values.integer(value), 2L) == 0;
            case "divisibleby" ->
                Operators.equal(Operators.modulo(value, a.required(0, "num"), a.budget()), 0L, a.budget());
            case "sameas" -> Operators.identical(value, a.required(0, "other"));
            case "in" -> Operators.contains(a.required(0, "seq"), value, a.budget());
            case "eq", "equalto" -> compared(value, "==", a);
            case "ne" -> compared(value, "!=", a);
            case "lt", "lessthan" -> compared(value, "<", a);
            case "le" -> compared(value, "<=", a);
            case "gt", "greaterthan" -> compared(value, ">", a);
            case "ge" -> compared(value, ">=", a);
            case "==", "!=", "<", "<=", ">", ">=" -> compared(value, name, a);
            default -> throw TemplateFault.error("no test named '" + name + "'");
        };
    }

    private static boolean isSequence(Object value) {
        return value instanceof String
                || value instanceof List<?>
                || value instanceof Tuple
                || value instanceof Map<?, ?>
                || value instanceof Undefined;
    }

    private static boolean compared(Object value, String operator, Arguments a) {
        return Expression.Comparison.holds(value, operator, a.required(0, "other"), a.budget());
    }
}
