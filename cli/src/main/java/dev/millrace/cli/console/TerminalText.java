package dev.millrace.cli.console;

/// Makes text from a model safe to show: a terminal acts on control characters, and a model can write any.
public final class TerminalText {
    private TerminalText() {}

    /// `text` with every control character shown instead of sent: `ESC` becomes `␛`, and so on. Line ends and tabs
    /// stay; carriage returns go; marks that reorder text (bidirectional overrides and isolates) become `�`.
    public static String safe(String text) {
        int i = 0;
        while (i < text.length() && isHarmless(text.charAt(i))) {
            i++;
        }
        if (i == text.length()) {
            return text;
        }
        StringBuilder shown = new StringBuilder(text.length() + 8).append(text, 0, i);
        for (; i < text.length(); i++) {
            append(shown, text.charAt(i));
        }
        return shown.toString();
    }

    /// The same on one line: line ends and tabs become blanks.
    public static String safeLine(String text) {
        return safe(text).replace('\n', ' ').replace('\t', ' ');
    }

    private static void append(StringBuilder shown, char c) {
        if (isHarmless(c)) {
            shown.append(c);
        } else if (c < ' ') {
            if (c != '\r') {
                shown.append((char) ('\u2400' + c)); // the block "control pictures" is in the order of ASCII
            }
        } else {
            shown.append(c == '\u007f' ? '\u2421' : '\ufffd');
        }
    }

    private static boolean isHarmless(char c) {
        if (c < ' ') {
            return c == '\n' || c == '\t';
        }
        boolean deleteOrC1 = c >= '\u007f' && c <= '\u009f';
        boolean reorders = (c >= '\u202a' && c <= '\u202e') || (c >= '\u2066' && c <= '\u2069');
        boolean separatesLines = c == '\u2028' || c == '\u2029';
        return !deleteOrC1 && !reorders && !separatesLines;
    }
}
