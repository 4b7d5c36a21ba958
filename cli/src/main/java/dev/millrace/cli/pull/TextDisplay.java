package dev.millrace.cli.pull;

import dev.millrace.cli.console.Amounts;
import dev.millrace.cli.console.Console;
import dev.millrace.cli.console.ProgressLine;
import dev.millrace.cli.console.TerminalText;
import dev.millrace.core.time.NanoClock;
import dev.millrace.models.catalogue.StoredFile;
import dev.millrace.models.download.PullOutcome;
import dev.millrace.models.download.PullPhase;
import dev.millrace.models.download.PullProgress;
import java.time.Duration;
import java.util.List;
import java.util.Locale;

/// For people: one line that moves on a terminal, else a line now and then, on standard error. *Confined to one
/// thread.*
final class TextDisplay implements PullDisplay {
    private static final int MAX_COLUMNS = 79;
    private static final int NAME_COLUMNS = 18;
    private static final int BAR_COLUMNS = 10;
    private static final Duration BETWEEN_LINES = Duration.ofSeconds(10);

    private final Console console;
    private final NanoClock clock;
    private final ProgressLine line;
    private PullPhase phase = PullPhase.RESOLVING;
    private String note = "";
    private long lastLine;

    TextDisplay(Console console, NanoClock clock) {
        this.console = console;
        this.clock = clock;
        this.line = new ProgressLine(console);
        this.lastLine = clock.nanoTime();
    }

    @Override
    public void progress(PullProgress progress) {
        if (console.terminals().err()) {
            line.show(onTerminal(progress));
        } else {
            nowAndThen(progress);
        }
    }

    private void nowAndThen(PullProgress progress) {
        boolean news = progress.phase() != phase
                || (!progress.note().isEmpty() && !progress.note().equals(note));
        boolean due = clock.nanoTime() - lastLine >= BETWEEN_LINES.toNanos();
        phase = progress.phase();
        note = progress.note();
        if ((news || due) && isWorthALine(phase)) {
            lastLine = clock.nanoTime();
            console.err().println(TerminalText.safeLine(words(progress)));
        }
    }

    private static boolean isWorthALine(PullPhase phase) {
        return switch (phase) {
            case WAITING, DOWNLOADING, VERIFYING -> true;
            case RESOLVING, CHECKING_SPACE, DONE, FAILED, CANCELLED -> false;
        };
    }

    private static String onTerminal(PullProgress progress) {
        String text = switch (progress.phase()) {
            case RESOLVING, CHECKING_SPACE -> words(progress);
            case WAITING, DOWNLOADING, VERIFYING -> bar(progress);
            case DONE, FAILED, CANCELLED -> "";
        };
        return text.length() <= MAX_COLUMNS ? text : text.substring(0, MAX_COLUMNS - 1) + "…";
    }

    private static String bar(PullProgress progress) {
        String tail = progress.note().isEmpty() ? pace(progress) : progress.note();
        String name = shortened(progress.model());
        String label = progress.phase() == PullPhase.VERIFYING ? "verifying " + name : name;
        if (progress.totalBytes() < 0) {
            return label + "  " + Amounts.size(progress.bytes()) + "  " + tail;
        }
        int full = (int) (BAR_COLUMNS * progress.fraction());
        return String.format(
                Locale.ROOT,
                "%s %s%s %3.0f %%  %s  %s",
                label,
                "█".repeat(full),
                "░".repeat(BAR_COLUMNS - full),
                Math.floor(progress.fraction() * 100),
                Amounts.sizeOf(progress.totalBytes(), progress.bytes()),
                tail);
    }

    private static String pace(PullProgress progress) {
        if (progress.bytesPerSecond() == 0) {
            return "";
        }
        Duration left = progress.timeLeft();
        return Amounts.size(progress.bytesPerSecond()) + "/s"
                + (left == null || left.isZero() ? "" : ", " + Amounts.countdown(left) + " left");
    }

    private static String words(PullProgress progress) {
        String what = switch (progress.phase()) {
            case RESOLVING -> "Asking the hub what there is";
            case WAITING -> "Waiting for the other pull of " + progress.model();
            case CHECKING_SPACE -> "Checking the space for " + progress.model();
            case DOWNLOADING -> "Downloading " + progress.model();
            case VERIFYING -> "Verifying " + progress.model();
            case DONE -> "Done";
            case FAILED -> "Failed";
            case CANCELLED -> "Stopped";
        };
        String amount = progress.bytes() == 0 && progress.totalBytes() < 0
                ? ""
                : ": " + Amounts.sizeOf(progress.totalBytes(), progress.bytes());
        String pace = pace(progress);
        return what
                + amount
                + (pace.isEmpty() ? "" : ", " + pace)
                + (progress.note().isEmpty() ? "" : " (" + progress.note() + ")");
    }

    private static String shortened(String name) {
        return name.length() <= NAME_COLUMNS ? name : name.substring(0, NAME_COLUMNS - 1) + "…";
    }

    @Override
    public void outcome(PullOutcome outcome) {
        line.close();
        switch (outcome) {
            case PullOutcome.Pulled pulled -> pulled(pulled);
            case PullOutcome.AlreadyThere(var model) -> console.out().println(model + " is there already.");
            case PullOutcome.Cancelled cancelled -> {}
            case PullOutcome.Failed failed -> {}
        }
    }

    private void pulled(PullOutcome.Pulled pulled) {
        List<StoredFile> files = pulled.files();
        long size = files.stream().mapToLong(StoredFile::sizeBytes).sum();
        String count = files.size() == 1 ? "" : " in " + files.size() + " files";
        console.out()
                .println("Pulled " + console.style().bold(pulled.model().value()) + ": " + Amounts.size(size) + count
                        + (pulled.digestsStated() ? ", verified" : ""));
        for (StoredFile file : files) {
            console.out().println("  " + console.style().dim("sha256") + "  " + file.sha256());
        }
        if (!pulled.digestsStated()) {
            console.out().println("  The source states no digest: this one was computed from what came, and recorded.");
        }
        console.out()
                .println("  " + console.style().dim("use it") + "  millrace serve --model "
                        + pulled.model().value());
    }

    @Override
    public void close() {
        line.close();
    }
}
