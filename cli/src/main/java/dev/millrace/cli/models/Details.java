package dev.millrace.cli.models;

import dev.millrace.cli.console.Amounts;
import dev.millrace.cli.console.Style;
import dev.millrace.cli.console.TerminalText;
import dev.millrace.gguf.GgufSummary;
import dev.millrace.models.catalogue.CatalogueEntry;
import dev.millrace.models.catalogue.FileCheck;
import dev.millrace.models.catalogue.Residence;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// One model for a person. *Confined to one thread.*
final class Details {
    private static final int LABEL_WIDTH = 15;
    private static final int MAX_TEMPLATE_COLUMNS = 60;

    private final StringBuilder text = new StringBuilder();
    private final Style style;

    private Details(Style style) {
        this.style = style;
    }

    static String text(CatalogueEntry entry, List<FileCheck> checks, Style style) {
        Details details = new Details(style);
        details.text.append(style.bold(entry.id().value())).append("\n\n");
        details.addSummary(entry);
        details.addPlace(entry);
        checks.forEach(check -> details.addCheck(check, checks.size() > 1));
        if (!entry.isUsable()) {
            details.text.append('\n').append(style.red("✗ ")).append(TerminalText.safeLine(entry.problem()));
            details.text.append('\n');
        }
        return details.text.toString();
    }

    private void addSummary(CatalogueEntry entry) {
        GgufSummary summary = entry.summary();
        add("aliases", String.join(", ", entry.aliases()));
        add("model", summary.name());
        add("architecture", summary.architecture());
        add("parameters", Amounts.count(summary.parameters()));
        add("quantisation", summary.quantisation());
        add("context", summary.contextTokens() == 0 ? "" : tokens(summary.contextTokens()));
        add("vocabulary", summary.vocabularyTokens() == 0 ? "" : tokens(summary.vocabularyTokens()));
        add("chat template", template(summary.chatTemplate()));
        add("licence", summary.licence());
    }

    private static String tokens(int n) {
        return String.format(Locale.ROOT, "%,d tokens", n).replace(',', ' ');
    }

    private static String template(@Nullable String source) {
        if (source == null) {
            return "none: it completes text, and cannot chat";
        }
        String first = source.strip().lines().findFirst().orElse("");
        long lines = source.lines().count();
        boolean cut = first.length() > MAX_TEMPLATE_COLUMNS;
        return (cut ? first.substring(0, MAX_TEMPLATE_COLUMNS) + "…" : first)
                + (lines > 1 ? " (" + lines + " lines; --template shows them)" : "");
    }

    private void addPlace(CatalogueEntry entry) {
        String place = switch (entry.residence()) {
            case STORED -> "";
            case IN_PLACE -> " (used in place)";
            case DROPPED_IN -> " (put into the models folder by hand)";
            case BUILT_IN -> "";
        };
        add("origin", entry.origin() + place);
        add("added", entry.residence() == Residence.BUILT_IN ? "" : Amounts.time(entry.added()));
        add("size", Amounts.size(entry.sizeBytes()));
        String label = entry.files().size() == 1 ? "file" : "files";
        for (var file : entry.files()) {
            add(label, file.path().toString());
            label = " ";
        }
    }

    private void addCheck(FileCheck check, boolean oneOfMany) {
        String name = oneOfMany ? check.file().path().getFileName() + ": " : "";
        String mark = switch (check.outcome()) {
            case INTACT -> style.green("✓") + " " + name + "intact, ";
            case NOT_COMPARED -> style.yellow("!") + " " + name + "read to its end, nothing to compare with, ";
            case DAMAGED -> style.red("✗") + " " + name + "damaged: ";
        };
        text.append('\n')
                .append(mark)
                .append(TerminalText.safeLine(check.detail()))
                .append('\n');
    }

    private void add(String label, String value) {
        if (!value.isEmpty()) {
            text.append("  ").append(style.dim(label)).repeat(' ', Math.max(1, LABEL_WIDTH - label.length()));
            text.append(TerminalText.safeLine(value)).append('\n');
        }
    }
}
