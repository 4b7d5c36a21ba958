package dev.millrace.cli.doctor;

import com.fasterxml.jackson.core.util.DefaultIndenter;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.millrace.cli.console.Style;
import dev.millrace.cli.console.TerminalText;
import dev.millrace.cli.doctor.Diagnosis.Level;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;

/// All findings, for a person or for a program. *Immutable.*
record Report(List<Diagnosis> diagnoses) {
    private static final ObjectMapper JSON = new ObjectMapper();

    Report {
        diagnoses = List.copyOf(diagnoses);
    }

    /// True if nothing stands in the way.
    boolean isGood() {
        return diagnoses.stream().noneMatch(d -> d.level() == Level.BAD);
    }

    /// One line per finding, and its remedy below it.
    String text(Style style) {
        int width = diagnoses.stream().mapToInt(d -> d.name().length()).max().orElse(0);
        StringBuilder text = new StringBuilder();
        for (Diagnosis d : diagnoses) {
            text.append(mark(style, d.level())).append(' ');
            text.append(d.name()).repeat(' ', width - d.name().length() + 2);
            text.append(TerminalText.safeLine(d.detail())).append('\n');
            if (d.remedy() != null) {
                text.repeat(' ', width + 4)
                        .append(style.dim("→ " + TerminalText.safeLine(d.remedy())))
                        .append('\n');
            }
        }
        return text.append('\n').append(summary()).append('\n').toString();
    }

    private static String mark(Style style, Level level) {
        return switch (level) {
            case GOOD -> style.green(level.mark());
            case WEAK -> style.yellow(level.mark());
            case BAD -> style.red(level.mark());
        };
    }

    private String summary() {
        long bad = diagnoses.stream().filter(d -> d.level() == Level.BAD).count();
        long weak = diagnoses.stream().filter(d -> d.level() == Level.WEAK).count();
        if (bad > 0) {
            return bad + (bad == 1 ? " thing stands" : " things stand") + " in the way; the arrows say what to do.";
        }
        return weak == 0 ? "Everything is as it should be." : "Millrace works here; the arrows say what would help.";
    }

    /// One JSON object.
    String json() {
        ObjectNode root = JSON.createObjectNode();
        root.put("ok", isGood());
        ArrayNode checks = root.putArray("checks");
        for (Diagnosis d : diagnoses) {
            checks.addObject()
                    .put("name", d.name())
                    .put("level", d.level().word())
                    .put("detail", d.detail())
                    .put("remedy", d.remedy());
        }
        try {
            return JSON.writer(new DefaultPrettyPrinter().withArrayIndenter(DefaultIndenter.SYSTEM_LINEFEED_INSTANCE))
                    .writeValueAsString(root);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
