package dev.millrace.llama.template;

import java.util.ArrayList;
import java.util.List;

/// Cuts the inside of a tag into [Lexeme]s, up to the tag's own end. *Confined to one thread.*
///
/// The end mark (`%}` or `}}`) counts only outside of strings and brackets, so `{{ {'a': {'b': 1}} }}` is one
/// tag.
final class Lexer {
    private static final List<String> OPERATORS = List.of(
            "**", "//", "==", "!=", ">=", "<=", "+", "-", "*", "/", "%", "~", "[", "]", "(", ")", "{", "}", "<", ">",
            "=", ".", ":", "|", ",", ";");

    private final String source;
    private int position;
    private int brackets;

    Lexer(String source, int position) {
        this.source = source;
        this.position = position;
    }

    /// Lexemes until `end`, with or without a sign before it. Afterwards [#position] is before the sign or the
    /// end.
    List<Lexeme> until(String end) {
        List<Lexeme> lexemes = new ArrayList<>();
        while (true) {
            while (position < source.length() && StringMethods.isSpace(source.charAt(position))) {
                position++;
            }
            if (position >= source.length()) {
                throw TemplateFault.error("a tag is not closed: " + end + " is missing");
            }
            if (brackets == 0 && endsHere(end)) {
                lexemes.add(new Lexeme(Lexeme.Kind.END, ""));
                return lexemes;
            }
            lexemes.add(next());
        }
    }

    int position() {
        return position;
    }

    private boolean endsHere(String end) {
        char c = source.charAt(position);
        boolean signed = (c == '-' || (c == '+' && end.equals("%}"))) && source.startsWith(end, position + 1);
        return signed || source.startsWith(end, position);
    }

    private Lexeme next() {
        char c = source.charAt(position);
        if (c == '\'' || c == '"') {
            return string(c);
        }
        if (c >= '0' && c <= '9') {
            return number();
        }
        if (c == '_' || Character.isLetter(c)) {
            int from = position;
            while (position < source.length() && isNamePart(source.charAt(position))) {
                position++;
            }
            return new Lexeme(Lexeme.Kind.NAME, source.substring(from, position));
        }
        for (String operator : OPERATORS) {
            if (source.startsWith(operator, position)) {
                position += operator.length();
                count(operator);
                return new Lexeme(Lexeme.Kind.OPERATOR, operator);
            }
        }
        throw TemplateFault.error("unexpected character '" + c + "'");
    }

    private void count(String operator) {
        switch (operator) {
            case "(", "[", "{" -> brackets++;
            case ")", "]", "}" -> brackets--;
            default -> {
                // No bracket.
            }
        }
        if (brackets < 0) {
            throw TemplateFault.error("unexpected '" + operator + "'");
        }
    }

    private static boolean isNamePart(char c) {
        return c == '_' || Character.isLetterOrDigit(c);
    }

    private Lexeme number() {
        int from = position;
        digits();
        boolean real = false;
        if (position + 1 < source.length() && source.charAt(position) == '.' && isDigit(position + 1)) {
            real = true;
            position++;
            digits();
        }
        if (position < source.length() && (source.charAt(position) == 'e' || source.charAt(position) == 'E')) {
            int sign = position + 1 < source.length() && "+-".indexOf(source.charAt(position + 1)) >= 0 ? 1 : 0;
            if (isDigit(position + 1 + sign)) {
                real = true;
                position += 1 + sign;
                digits();
            }
        }
        String text = source.substring(from, position).replace("_", "");
        return new Lexeme(real ? Lexeme.Kind.FLOAT : Lexeme.Kind.INTEGER, text);
    }

    private void digits() {
        while (position < source.length() && (isDigit(position) || source.charAt(position) == '_')) {
            position++;
        }
    }

    private boolean isDigit(int at) {
        return at < source.length() && source.charAt(at) >= '0' && source.charAt(at) <= '9';
    }

    private Lexeme string(char quote) {
        var text = new StringBuilder();
        int i = position + 1;
        while (i < source.length() && source.charAt(i) != quote) {
            if (source.charAt(i) == '\\' && i + 1 < source.length()) {
                i = escape(i + 1, text);
            } else {
                text.append(source.charAt(i++));
            }
        }
        if (i >= source.length()) {
            throw TemplateFault.error("a string is not closed");
        }
        position = i + 1;
        return new Lexeme(Lexeme.Kind.STRING, text.toString());
    }

    /// Appends the character that the escape at `i`, behind the backslash, stands for, and returns where it
    /// ends. Unknown escapes keep their backslash, as in Python.
    private int escape(int i, StringBuilder text) {
        char c = source.charAt(i);
        int simple = "abfnrtv\\'\"\n".indexOf(c);
        if (simple >= 0) {
            text.append(simple == 10 ? "" : "\u0007\b\f\n\r\t\u000b\\'\"".substring(simple, simple + 1));
            return i + 1;
        }
        if (c >= '0' && c <= '7') {
            int end = i;
            while (end < i + 3 && end < source.length() && source.charAt(end) >= '0' && source.charAt(end) <= '7') {
                end++;
            }
            text.append((char) Integer.parseInt(source.substring(i, end), 8));
            return end;
        }
        int digits = switch (c) {
            case 'x' -> 2;
            case 'u' -> 4;
            case 'U' -> 8;
            default -> 0;
        };
        if (digits == 0) {
            text.append('\\').append(c);
            return i + 1;
        }
        text.appendCodePoint(hexadecimal(i + 1, digits));
        return i + 1 + digits;
    }

    private int hexadecimal(int from, int digits) {
        try {
            int codePoint = Integer.parseInt(source.substring(from, Math.min(source.length(), from + digits)), 16);
            if (Character.isValidCodePoint(codePoint)) {
                return codePoint;
            }
        } catch (NumberFormatException e) {
            // Reported below, like a number that is no character.
        }
        throw TemplateFault.error("a string has a broken escape");
    }
}
