package dev.millrace.llama.template;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/// Python's `split`, `rsplit`, `splitlines` and `partition`.
final class Splitting {
    private Splitting() {}

    static List<Object> split(String s, Arguments a, boolean fromRight) {
        a.budget().work(s.length());
        long limit = a.integer(1, "maxsplit", -1);
        long splits = limit < 0 ? Long.MAX_VALUE : limit;
        Object separator = a.get(0, "sep", None.NONE);
        if (separator instanceof None) {
            return fromRight ? wordsFromRight(s, splits) : words(s, splits);
        }
        String sep = Values.text(separator);
        if (sep.isEmpty()) {
            throw TemplateFault.error("empty separator");
        }
        return fromRight ? partsFromRight(s, sep, splits) : parts(s, sep, splits);
    }

    static List<Object> lines(String s, boolean keepEnds, Budget budget) {
        budget.work(s.length());
        List<Object> lines = new ArrayList<>();
        int from = 0;
        while (from < s.length()) {
            int end = from;
            while (end < s.length() && !isLineEnd(s.charAt(end))) {
                end++;
            }
            int next = end;
            if (next < s.length()) {
                next += s.startsWith("\r\n", end) ? 2 : 1;
            }
            lines.add(s.substring(from, keepEnds ? next : end));
            from = next;
        }
        return lines;
    }

    static Tuple partition(String s, String separator, int at, boolean last) {
        if (at < 0) {
            return last ? Tuple.of("", "", s) : Tuple.of(s, "", "");
        }
        return Tuple.of(s.substring(0, at), separator, s.substring(at + separator.length()));
    }

    private static List<Object> parts(String s, String separator, long splits) {
        List<Object> parts = new ArrayList<>();
        int from = 0;
        for (int at = s.indexOf(separator); at >= 0 && parts.size() < splits; at = s.indexOf(separator, from)) {
            parts.add(s.substring(from, at));
            from = at + separator.length();
        }
        parts.add(s.substring(from));
        return parts;
    }

    private static List<Object> partsFromRight(String s, String separator, long splits) {
        List<Object> parts = new ArrayList<>();
        int to = s.length();
        while (parts.size() < splits) {
            int at = s.lastIndexOf(separator, to - separator.length());
            if (at < 0 || at + separator.length() > to) {
                break;
            }
            parts.add(s.substring(at + separator.length(), to));
            to = at;
        }
        parts.add(s.substring(0, to));
        Collections.reverse(parts);
        return parts;
    }

    private static List<Object> words(String s, long splits) {
        List<Object> words = new ArrayList<>();
        int from = spaces(s, 0);
        while (from < s.length()) {
            if (words.size() == splits) {
                words.add(s.substring(from));
                break;
            }
            int end = from;
            while (end < s.length() && !StringMethods.isSpace(s.charAt(end))) {
                end++;
            }
            words.add(s.substring(from, end));
            from = spaces(s, end);
        }
        return words;
    }

    private static List<Object> wordsFromRight(String s, long splits) {
        List<Object> words = new ArrayList<>();
        int to = spacesBefore(s, s.length());
        while (to > 0) {
            if (words.size() == splits) {
                words.add(s.substring(0, to));
                break;
            }
            int start = to;
            while (start > 0 && !StringMethods.isSpace(s.charAt(start - 1))) {
                start--;
            }
            words.add(s.substring(start, to));
            to = spacesBefore(s, start);
        }
        Collections.reverse(words);
        return words;
    }

    private static int spaces(String s, int from) {
        int i = from;
        while (i < s.length() && StringMethods.isSpace(s.charAt(i))) {
            i++;
        }
        return i;
    }

    private static int spacesBefore(String s, int to) {
        int i = to;
        while (i > 0 && StringMethods.isSpace(s.charAt(i - 1))) {
            i--;
        }
        return i;
    }

    private static boolean isLineEnd(char c) {
        return (c >= '\n' && c <= '\r') || (c >= 0x1c && c <= 0x1e) || c == 0x85 || c == 0x2028 || c == 0x2029;
    }
}
