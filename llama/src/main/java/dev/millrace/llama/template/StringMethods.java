package dev.millrace.llama.template;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.IntPredicate;
import org.jspecify.annotations.Nullable;

/// The methods of Python's `str`. Positions are UTF-16 units in Java and code points in Python; results that
/// are positions are converted.
final class StringMethods {
    private StringMethods() {}

    static @Nullable Callable of(String s, String name) {
        Callable changing = changing(s, name);
        return changing != null ? changing : asking(s, name);
    }

    private static @Nullable Callable changing(String s, String name) {
        return switch (name) {
            case "strip", "lstrip", "rstrip" ->
                a -> {
                    a.budget().work(s.length());
                    Object characters = a.get(0, "chars", None.NONE);
                    return strip(s, characters, !name.equals("rstrip"), !name.equals("lstrip"));
                };
            case "upper" -> a -> worked(s.toUpperCase(Locale.ROOT), a);
            case "lower", "casefold" -> a -> worked(s.toLowerCase(Locale.ROOT), a);
            case "title" -> a -> worked(title(s), a);
            case "capitalize" -> a -> worked(capitalize(s), a);
            case "replace" ->
                a -> replace(s, a.text(0, "old"), a.text(1, "new"), a.integer(2, "count", -1), a.budget());
            case "split" -> a -> Splitting.split(s, a, false);
            case "rsplit" -> a -> Splitting.split(s, a, true);
            case "splitlines" -> a -> Splitting.lines(s, a.flag(0, "keepends", false), a.budget());
            case "partition" -> a -> Splitting.partition(s, a.text(0, "sep"), s.indexOf(a.text(0, "sep")), false);
            case "rpartition" -> a -> Splitting.partition(s, a.text(0, "sep"), s.lastIndexOf(a.text(0, "sep")), true);
            case "join" -> a -> join(s, Values.elements(a.required(0, "iterable"), a.budget()), a.budget());
            case "removeprefix" ->
                a -> s.startsWith(a.text(0, "prefix"))
                        ? s.substring(a.text(0, "prefix").length())
                        : s;
            case "removesuffix" ->
                a -> s.endsWith(a.text(0, "suffix"))
                        ? s.substring(0, s.length() - a.text(0, "suffix").length())
                        : s;
            case "ljust", "rjust", "center" -> a -> padded(s, a, name);
            case "zfill" -> a -> zeroFilled(s, a);
            case "format" -> a -> BraceFormat.format(s, a);
            default -> null;
        };
    }

    private static @Nullable Callable asking(String s, String name) {
        return switch (name) {
            case "startswith" -> a -> anyOf(a, part -> s.startsWith(part));
            case "endswith" -> a -> anyOf(a, part -> s.endsWith(part));
            case "find" -> a -> position(s, s.indexOf(a.text(0, "sub")), a);
            case "rfind" -> a -> position(s, s.lastIndexOf(a.text(0, "sub")), a);
            case "index" -> a -> found(position(s, s.indexOf(a.text(0, "sub")), a));
            case "rindex" -> a -> found(position(s, s.lastIndexOf(a.text(0, "sub")), a));
            case "count" -> a -> occurrences(s, a.text(0, "sub"), a.budget());
            case "isdigit", "isdecimal", "isnumeric" -> a -> all(s, Character::isDigit, a);
            case "isalpha" -> a -> all(s, Character::isLetter, a);
            case "isalnum" -> a -> all(s, Character::isLetterOrDigit, a);
            case "isspace" -> a -> all(s, StringMethods::isSpace, a);
            case "isupper" ->
                a -> worked(s, a).chars().anyMatch(Character::isUpperCase) && s.equals(s.toUpperCase(Locale.ROOT));
            case "islower" ->
                a -> worked(s, a).chars().anyMatch(Character::isLowerCase) && s.equals(s.toLowerCase(Locale.ROOT));
            default -> null;
        };
    }

    /// What Python's `str.isspace` and `\s` call white space.
    static boolean isSpace(int c) {
        return Character.isWhitespace(c) || Character.isSpaceChar(c) || c == 0x85;
    }

    static String strip(String s, Object characters, boolean left, boolean right) {
        IntPredicate drop = characters instanceof String set ? c -> set.indexOf(c) >= 0 : StringMethods::isSpace;
        int from = 0;
        int to = s.length();
        while (left && from < to && drop.test(s.codePointAt(from))) {
            from += Character.charCount(s.codePointAt(from));
        }
        while (right && to > from && drop.test(s.codePointBefore(to))) {
            to -= Character.charCount(s.codePointBefore(to));
        }
        return s.substring(from, to);
    }

    static String title(String s) {
        var out = new StringBuilder(s.length());
        boolean inWord = false;
        for (int i = 0; i < s.length(); i++) {
            char c = s.charAt(i);
            out.append(inWord ? Character.toLowerCase(c) : Character.toTitleCase(c));
            inWord = Character.isLetter(c);
        }
        return out.toString();
    }

    static String capitalize(String s) {
        return s.isEmpty()
                ? s
                : Character.toTitleCase(s.charAt(0)) + s.substring(1).toLowerCase(Locale.ROOT);
    }

    static String replace(String s, String old, String with, long count, Budget budget) {
        long growth = Math.max(0, with.length() - old.length());
        long places = Math.min(occurrences(s, old, budget), count < 0 ? Long.MAX_VALUE : count);
        budget.work(s.length() + growth * places);
        var out = new StringBuilder();
        int from = 0;
        for (long i = 0; i < places; i++) {
            int at = old.isEmpty() ? Math.min(s.length(), (int) i) : s.indexOf(old, from);
            out.append(s, from, at).append(with);
            from = at + old.length();
        }
        return out.append(s, from, s.length()).toString();
    }

    static String join(String separator, List<Object> parts, Budget budget) {
        long length = 0;
        List<String> texts = new ArrayList<>(parts.size());
        for (Object part : parts) {
            if (!(part instanceof String text)) {
                throw TemplateFault.error("join() expects strings, not " + Values.typeName(part));
            }
            texts.add(text);
            length += text.length() + separator.length();
        }
        budget.work(length);
        return String.join(separator, texts);
    }

    private static long occurrences(String s, String part, Budget budget) {
        budget.work(s.length());
        if (part.isEmpty()) {
            return s.length() + 1L;
        }
        long count = 0;
        for (int at = s.indexOf(part); at >= 0; at = s.indexOf(part, at + part.length())) {
            count++;
        }
        return count;
    }

    private static String worked(String s, Arguments a) {
        a.budget().work(s.length());
        return s;
    }

    private static boolean anyOf(Arguments a, java.util.function.Predicate<String> test) {
        Object parts = a.required(0, "prefix");
        return parts instanceof Tuple tuple
                ? tuple.items().stream().anyMatch(part -> test.test(expectText(part)))
                : test.test(expectText(parts));
    }

    private static String expectText(Object value) {
        if (value instanceof String text) {
            return text;
        }
        throw TemplateFault.error("a string was expected, not " + Values.typeName(value));
    }

    private static long position(String s, int unit, Arguments a) {
        a.budget().work(s.length());
        return unit < 0 ? -1 : s.codePointCount(0, unit);
    }

    private static long found(long position) {
        if (position < 0) {
            throw TemplateFault.error("substring not found");
        }
        return position;
    }

    private static boolean all(String s, IntPredicate test, Arguments a) {
        return !worked(s, a).isEmpty() && s.codePoints().allMatch(test);
    }

    private static String padded(String s, Arguments a, String name) {
        long missing = Math.max(0, a.integer(0, "width", 0) - Values.length(s));
        a.budget().work(s.length() + missing);
        String fill = a.has(1, "fillchar") ? a.text(1, "fillchar") : " ";
        long left = switch (name) {
            case "rjust" -> missing;
            case "center" -> missing / 2 + (missing & (s.length() + missing) & 1);
            default -> 0;
        };
        return fill.repeat((int) left) + s + fill.repeat((int) (missing - left));
    }

    private static String zeroFilled(String s, Arguments a) {
        long missing = Math.max(0, a.integer(0, "width", 0) - Values.length(s));
        a.budget().work(s.length() + missing);
        int sign = s.startsWith("-") || s.startsWith("+") ? 1 : 0;
        return s.substring(0, sign) + "0".repeat((int) missing) + s.substring(sign);
    }
}
