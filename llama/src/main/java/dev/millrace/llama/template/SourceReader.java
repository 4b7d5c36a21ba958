package dev.millrace.llama.template;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Cuts a template's source into text and tags, with the white-space rules of Jinja as chat templates expect
/// them: `trim_blocks` (the newline behind a block tag goes), `lstrip_blocks` (blanks before a block tag that
/// begins its line go), `-` removes all white space on its side, `+` keeps it. *Confined to one thread.*
final class SourceReader {
    /// Longest source of a template, in characters: the longest known ones have 20,000.
    static final int MAX_SOURCE = 1 << 20;

    private static final Pattern RAW = Pattern.compile("\\{%([-+]?)\\s*raw\\s*(-%\\}\\s*|%\\})");
    private static final Pattern END_RAW = Pattern.compile("\\{%([-+]?)\\s*endraw\\s*(?:\\+%\\}|-%\\}\\s*|%\\}\n?)");
    private static final Pattern COMMENT_END = Pattern.compile("\\+#\\}|-#\\}\\s*|#\\}\n?");

    private final String source;
    private final List<Segment> segments = new ArrayList<>();
    private int position;
    private boolean lineStarts = true;

    private SourceReader(String source) {
        String unified = source.replace("\r\n", "\n").replace('\r', '\n');
        this.source = unified.endsWith("\n") ? unified.substring(0, unified.length() - 1) : unified;
    }

    static List<Segment> read(String source) {
        if (source.length() > MAX_SOURCE) {
            throw TemplateFault.error("the template has more than " + MAX_SOURCE + " characters");
        }
        var reader = new SourceReader(source);
        while (reader.position < reader.source.length()) {
            reader.next();
        }
        return reader.segments;
    }

    private void next() {
        int open = nextOpening();
        if (open < 0) {
            text(source.substring(position));
            position = source.length();
            return;
        }
        String before = source.substring(position, open);
        char kind = source.charAt(open + 1);
        Matcher raw = RAW.matcher(source).region(open, source.length());
        if (kind == '%' && raw.lookingAt()) {
            text(before, sign(open + 2), false);
            raw(raw.end());
            return;
        }
        char sign = sign(open + 2);
        text(before, sign, kind == '{');
        int inside = open + 2 + (sign == '-' || (sign == '+' && kind != '{') ? 1 : 0);
        switch (kind) {
            case '#' -> comment(inside);
            case '%' -> tag(inside);
            default -> print(inside);
        }
    }

    private int nextOpening() {
        for (int i = source.indexOf('{', position); i >= 0 && i + 1 < source.length(); i = source.indexOf('{', i + 1)) {
            char c = source.charAt(i + 1);
            if (c == '{' || c == '%' || c == '#') {
                return i;
            }
        }
        return -1;
    }

    private char sign(int at) {
        return at < source.length() ? source.charAt(at) : ' ';
    }

    private void text(String before, char sign, boolean print) {
        String text = before;
        if (sign == '-') {
            text = StringMethods.strip(text, None.NONE, false, true);
        } else if (sign != '+' && !print) {
            int line = text.lastIndexOf('\n') + 1;
            boolean blank = text.substring(line).chars().allMatch(StringMethods::isSpace);
            if (blank && (line > 0 || lineStarts)) {
                text = text.substring(0, line);
            }
        }
        text(text);
    }

    private void text(String text) {
        if (!text.isEmpty()) {
            segments.add(new Segment.Text(text));
        }
    }

    private void raw(int from) {
        Matcher end = END_RAW.matcher(source);
        if (!end.find(from)) {
            throw TemplateFault.error("a raw block is not closed");
        }
        lineStarts = endsLine(from);
        String sign = end.group(1);
        text(source.substring(from, end.start()), sign.isEmpty() ? ' ' : sign.charAt(0), false);
        goTo(end.end());
    }

    private void comment(int from) {
        Matcher end = COMMENT_END.matcher(source);
        if (!end.find(from)) {
            throw TemplateFault.error("a comment is not closed");
        }
        goTo(end.end());
    }

    private void tag(int from) {
        var lexer = new Lexer(source, from);
        segments.add(new Segment.Tag(lexer.until("%}")));
        int at = lexer.position();
        switch (source.charAt(at)) {
            case '-' -> goTo(afterSpace(at + 3));
            case '+' -> goTo(at + 3);
            default -> goTo(sign(at + 2) == '\n' ? at + 3 : at + 2);
        }
    }

    private void print(int from) {
        var lexer = new Lexer(source, from);
        segments.add(new Segment.Print(lexer.until("}}")));
        int at = lexer.position();
        goTo(source.charAt(at) == '-' ? afterSpace(at + 3) : at + 2);
    }

    private int afterSpace(int from) {
        int at = from;
        while (at < source.length() && StringMethods.isSpace(source.charAt(at))) {
            at++;
        }
        return at;
    }

    private void goTo(int to) {
        position = to;
        lineStarts = endsLine(to);
    }

    private boolean endsLine(int at) {
        return source.charAt(at - 1) == '\n';
    }
}
