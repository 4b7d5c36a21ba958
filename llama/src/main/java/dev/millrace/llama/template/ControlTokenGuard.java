package dev.millrace.llama.template;

import dev.millrace.llama.template.RenderedPrompt.Segment;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// Keeps text of messages from becoming control tokens. *Immutable, thread-safe.*
///
/// The usual message cannot begin a control token anywhere: it is rendered once, and the prompt is one trusted
/// segment. Otherwise a mark, a private-use character nobody else uses, goes behind each character of the
/// message that might begin a control token. Marks survive whatever a template does to text, and afterwards
/// tell which control tokens in the prompt came out of a message, even if the template put them together by
/// removing something in between.
///
/// A mark in the middle of a text the template looks for (`<think>`) would change what it does, so beginnings
/// that the template mentions are left alone unless they also begin a control token. If the marked rendering is
/// a different one all the same, only complete control tokens are marked.
final class ControlTokenGuard {
    private static final int BEGINNING = 3;
    private static final int FIRST_MARK = 0xe000;
    private static final int LAST_MARK = 0xf8ff;

    private final List<String> tokens;
    private final String firstCharacters;
    private final Set<String> beginnings;
    private final String source;

    ControlTokenGuard(Set<String> controlTokens, String source) {
        this.tokens = controlTokens.stream()
                .filter(token -> !token.isEmpty())
                .sorted(Comparator.comparingInt(String::length).reversed())
                .toList();
        this.firstCharacters =
                tokens.stream().map(token -> token.substring(0, 1)).distinct().collect(Collectors.joining());
        this.beginnings = tokens.stream().map(ControlTokenGuard::beginning).collect(Collectors.toUnmodifiableSet());
        this.source = source;
    }

    /// Renders text, from variables all of whose strings were replaced by the operator.
    interface Renderer {
        String render(UnaryOperator<String> strings);
    }

    /// @param strings every string that comes from outside
    RenderedPrompt render(List<String> strings, Renderer renderer) {
        String plain = renderer.render(UnaryOperator.identity());
        if (strings.stream().noneMatch(this::mayBeginToken)) {
            return new RenderedPrompt(List.of(new Segment(plain, true)));
        }
        char mark = unusedCharacter(strings);
        String marked = renderer.render(text -> marked(text, mark, false));
        if (!without(mark, marked).equals(plain)) {
            marked = renderer.render(text -> marked(text, mark, true));
        }
        return new RenderedPrompt(segments(marked, mark));
    }

    /// A copy of `value` with all strings in it replaced.
    static @Nullable Object replaceStrings(@Nullable Object value, UnaryOperator<String> replacement) {
        return switch (value) {
            case String text -> replacement.apply(text);
            case Map<?, ?> map -> {
                Map<Object, @Nullable Object> copy = new LinkedHashMap<>();
                map.forEach((k, v) -> copy.put(replacement.apply(String.valueOf(k)), replaceStrings(v, replacement)));
                yield copy;
            }
            case List<?> list -> {
                List<@Nullable Object> copy = new ArrayList<>();
                list.forEach(item -> copy.add(replaceStrings(item, replacement)));
                yield copy;
            }
            case null, default -> value;
        };
    }

    private boolean mayBeginToken(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (isBeginning(text, i)) {
                return true;
            }
        }
        return false;
    }

    private boolean isBeginning(String text, int at) {
        if (firstCharacters.indexOf(text.charAt(at)) < 0) {
            return false;
        }
        String here = text.substring(at, Math.min(text.length(), at + BEGINNING));
        return here.length() < BEGINNING
                || beginnings.contains(here)
                || !source.contains(here)
                || tokenAt(text, at) != null;
    }

    private @Nullable String tokenAt(String text, int at) {
        for (String token : tokens) {
            if (text.startsWith(token, at)) {
                return token;
            }
        }
        return null;
    }

    private String marked(String text, char mark, boolean completeOnly) {
        var out = new StringBuilder(text.length() + 16);
        for (int i = 0; i < text.length(); i++) {
            out.append(text.charAt(i));
            if (completeOnly ? tokenAt(text, i) != null : isBeginning(text, i)) {
                out.append(mark);
            }
        }
        return out.toString();
    }

    private List<Segment> segments(String marked, char mark) {
        String text = without(mark, marked);
        List<Segment> segments = new ArrayList<>();
        int from = 0;
        int at = 0;
        int markedAt = 0;
        while (at < text.length()) {
            boolean untrusted = markedAt + 1 < marked.length() && marked.charAt(markedAt + 1) == mark;
            String token = tokenAt(text, at);
            int length = token == null ? 1 : token.length();
            if (token != null && untrusted) {
                add(segments, text.substring(from, at), true);
                add(segments, token, false);
                from = at + length;
            }
            at += length;
            markedAt = behind(marked, mark, markedAt, length);
        }
        add(segments, text.substring(from), true);
        return segments;
    }

    private static int behind(String marked, char mark, int from, int characters) {
        int i = from;
        for (int left = characters; left > 0; left--) {
            i++;
            while (i < marked.length() && marked.charAt(i) == mark) {
                i++;
            }
        }
        return i;
    }

    private static void add(List<Segment> segments, String text, boolean trusted) {
        if (!text.isEmpty()) {
            segments.add(new Segment(text, trusted));
        }
    }

    private char unusedCharacter(List<String> strings) {
        for (int c = FIRST_MARK; c <= LAST_MARK; c++) {
            char mark = (char) c;
            if (source.indexOf(mark) < 0 && strings.stream().noneMatch(text -> text.indexOf(mark) >= 0)) {
                return mark;
            }
        }
        throw TemplateFault.error("the messages use every private-use character");
    }

    private static String without(char mark, String text) {
        return text.replace(String.valueOf(mark), "");
    }

    private static String beginning(String token) {
        return token.substring(0, Math.min(BEGINNING, token.length()));
    }
}
