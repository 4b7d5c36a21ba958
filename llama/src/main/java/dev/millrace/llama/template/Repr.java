package dev.millrace.llama.template;

import java.math.BigDecimal;
import java.util.Iterator;
import java.util.List;
import java.util.Map;

/// Python's `repr`: how values look inside a printed list or dictionary.
final class Repr {
    private static final int MAX_NESTING = 100;

    private Repr() {}

    static String of(Object value) {
        var out = new StringBuilder();
        append(value, out, 0);
        return out.toString();
    }

    private static void append(Object value, StringBuilder out, int depth) {
        if (depth > MAX_NESTING || out.length() > Budget.MAX_LENGTH) {
            throw TemplateFault.error("a value is too large to print");
        }
        switch (value) {
            case None n -> out.append("None");
            case Undefined u -> out.append("Undefined");
            case Boolean b -> out.append(b ? "True" : "False");
            case Long l -> out.append(l.longValue());
            case Double d -> out.append(number(d));
            case String s -> quoted(s, out);
            case List<?> list -> sequence('[', list.iterator(), ']', out, depth);
            case Tuple tuple -> {
                sequence('(', tuple.items().iterator(), tuple.items().size() == 1 ? ',' : ')', out, depth);
                if (tuple.items().size() == 1) {
                    out.append(')');
                }
            }
            case Map<?, ?> map -> dictionary(map, out, depth);
            case Namespace namespace -> {
                out.append("<Namespace ");
                dictionary(namespace.attributes(), out, depth);
                out.append('>');
            }
            default -> out.append('<').append(Values.typeName(value)).append('>');
        }
    }

    /// As Python writes a float: `1.0`, `1e+16`, `1e-05`, `inf`.
    static String number(double d) {
        if (Double.isNaN(d)) {
            return "nan";
        }
        if (Double.isInfinite(d)) {
            return d > 0 ? "inf" : "-inf";
        }
        if (d == 0) {
            return 1 / d < 0 ? "-0.0" : "0.0";
        }
        var exact = new BigDecimal(Double.toString(d)).stripTrailingZeros();
        int exponent = exact.precision() - exact.scale() - 1;
        if (exponent >= -4 && exponent < 16) {
            String plain = exact.toPlainString();
            return plain.indexOf('.') < 0 ? plain + ".0" : plain;
        }
        String digits = exact.unscaledValue().abs().toString();
        String mantissa = digits.length() == 1 ? digits : digits.charAt(0) + "." + digits.substring(1);
        String sign = exponent < 0 ? "-" : "+";
        int size = Math.abs(exponent);
        return (d < 0 ? "-" : "") + mantissa + "e" + sign + (size < 10 ? "0" : "") + size;
    }

    private static void sequence(char open, Iterator<?> items, char close, StringBuilder out, int depth) {
        out.append(open);
        while (items.hasNext()) {
            append(items.next(), out, depth + 1);
            if (items.hasNext()) {
                out.append(", ");
            }
        }
        out.append(close);
    }

    private static void dictionary(Map<?, ?> map, StringBuilder out, int depth) {
        out.append('{');
        String separator = "";
        for (Map.Entry<?, ?> entry : map.entrySet()) {
            out.append(separator);
            append(entry.getKey(), out, depth + 1);
            out.append(": ");
            append(entry.getValue(), out, depth + 1);
            separator = ", ";
        }
        out.append('}');
    }

    private static void quoted(String s, StringBuilder out) {
        char quote = s.indexOf('\'') >= 0 && s.indexOf('"') < 0 ? '"' : '\'';
        out.append(quote);
        s.codePoints().forEach(c -> {
            switch (c) {
                case '\\' -> out.append("\\\\");
                case '\n' -> out.append("\\n");
                case '\r' -> out.append("\\r");
                case '\t' -> out.append("\\t");
                default -> {
                    if (c == quote) {
                        out.append('\\').append(quote);
                    } else if (c < ' ' || (c >= 0x7f && c <= 0xa0) || c == 0xad) {
                        out.append("\\x%02x".formatted(c));
                    } else {
                        out.appendCodePoint(c);
                    }
                }
            }
        });
        out.append(quote);
    }
}
