package dev.millrace.cli.models;

import dev.millrace.cli.console.Style;
import dev.millrace.cli.console.TerminalText;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jline.utils.WCWidth;

/// Rows in columns that are as wide as their widest cell. *Confined to one thread.*
final class Table {
    private static final int GAP = 2;
    /// A wider cell pushes its row to the right, not all rows.
    private static final int MAX_WIDTH = 60;

    private final List<Row> rows = new ArrayList<>();

    private record Row(List<String> cells, String note) {}

    private final boolean headed;

    /// @param headings of the columns; none for a table without
    Table(String... headings) {
        headed = headings.length > 0;
        if (headed) {
            add(headings);
        }
    }

    void add(String... cells) {
        rows.add(new Row(Arrays.stream(cells).map(TerminalText::safeLine).toList(), ""));
    }

    /// A line below the last row.
    void note(String text) {
        rows.add(new Row(List.of(), text));
    }

    String text(Style style) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < rows.size(); i++) {
            Row row = rows.get(i);
            String line = row.cells().isEmpty() ? "  " + row.note() : line(row.cells());
            text.append(headed && i == 0 ? style.dim(line) : line).append('\n');
        }
        return text.toString();
    }

    private String line(List<String> cells) {
        StringBuilder line = new StringBuilder();
        for (int i = 0; i < cells.size(); i++) {
            line.append(cells.get(i));
            if (i < cells.size() - 1) {
                line.repeat(' ', Math.max(0, width(i) - columns(cells.get(i))) + GAP);
            }
        }
        return line.toString().stripTrailing();
    }

    private int width(int column) {
        return rows.stream()
                .filter(row -> column < row.cells().size())
                .mapToInt(row -> Math.min(MAX_WIDTH, columns(row.cells().get(column))))
                .max()
                .orElse(0);
    }

    private static int columns(String text) {
        return text.codePoints().map(c -> Math.max(0, WCWidth.wcwidth(c))).sum();
    }
}
