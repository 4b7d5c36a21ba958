package dev.millrace.llama.template;

import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// The `%` operator of strings, with the conversions templates use: `%s %r %d %i %f %x %%`, width and
/// precision.
final class PercentFormat {
    private static final Pattern CONVERSION = Pattern.compile("%([-+ 0#]*)(\\d{0,4})(?:\\.(\\d{1,3}))?([a-zA-Z%])");

    private PercentFormat() {}

    static String format(String pattern, List<Object> values, Budget budget) {
        Matcher matcher = CONVERSION.matcher(pattern);
        var out = new StringBuilder();
        int next = 0;
        while (matcher.find()) {
            String text = "%";
            if (!matcher.group(4).equals("%")) {
                if (next == values.size()) {
                    throw TemplateFault.error("not enough arguments for format string");
                }
                text = converted(matcher, values.get(next++));
            }
            matcher.appendReplacement(out, Matcher.quoteReplacement(text));
        }
        matcher.appendTail(out);
        budget.work(out.length());
        if (next < values.size()) {
            throw TemplateFault.error("not all arguments converted during string formatting");
        }
        return out.toString();
    }

    private static String converted(Matcher matcher, Object value) {
        String flags = matcher.group(1);
        String width = matcher.group(2);
        String precision = matcher.group(3) == null ? "" : "." + matcher.group(3);
        char conversion = matcher.group(4).charAt(0);
        return switch (conversion) {
            case 's' ->
                String.format(Locale.ROOT, "%" + left(flags, width) + width + precision + "s", Values.text(value));
            case 'r' -> String.format(Locale.ROOT, "%" + left(flags, width) + width + precision + "s", Repr.of(value));
            case 'd', 'i' -> String.format(Locale.ROOT, "%" + flags + width + "d", (long) Values.real(value));
            case 'x' -> String.format(Locale.ROOT, "%" + flags + width + "x", Values.integer(value));
            case 'f', 'F' -> String.format(Locale.ROOT, "%" + flags + width + precision + "f", Values.real(value));
            default -> throw TemplateFault.error("unsupported format character '" + conversion + "'");
        };
    }

    private static String left(String flags, String width) {
        return flags.contains("-") && !width.isEmpty() ? "-" : "";
    }
}
