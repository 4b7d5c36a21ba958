package dev.millrace.llama.template;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Python's `str.format` without format specifications: `{}`, `{0}`, `{name}`, `{{` and `}}`. Attributes and
/// elements (`{0.x}`) are refused: they are the way out of a sandbox.
final class BraceFormat {
    private static final Pattern FIELD = Pattern.compile("\\{\\{|\\}\\}|\\{([A-Za-z_0-9]*)\\}|[{}]");

    private BraceFormat() {}

    static String format(String pattern, Arguments arguments) {
        Matcher matcher = FIELD.matcher(pattern);
        var out = new StringBuilder();
        int next = 0;
        while (matcher.find()) {
            String field = matcher.group(1);
            String text;
            if (field == null) {
                if (matcher.group().length() == 1) {
                    throw TemplateFault.error("unsupported format string");
                }
                text = matcher.group().substring(1);
            } else if (field.isEmpty()) {
                text = arguments.text(next++, "");
            } else if (Character.isDigit(field.charAt(0))) {
                text = arguments.text(field.length() > 4 ? Integer.MAX_VALUE : Integer.parseInt(field), "");
            } else {
                text = arguments.text(Integer.MAX_VALUE, field);
            }
            arguments.budget().work((long) out.length() / 64 + text.length());
            matcher.appendReplacement(out, Matcher.quoteReplacement(text));
        }
        return matcher.appendTail(out).toString();
    }
}
