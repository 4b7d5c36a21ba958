package dev.millrace.cli.chat;

import dev.millrace.cli.client.AnswerPart;
import dev.millrace.cli.client.AnswerStream;
import dev.millrace.cli.client.PendingAnswer;
import dev.millrace.cli.client.ServerRefusedException;
import dev.millrace.core.time.NanoClock;
import java.io.IOException;
import java.net.URI;
import java.util.function.Consumer;

/// Reads one answer to its end, shows its text as it arrives, and takes the time. *Confined to one thread.*
final class AnswerReader {
    private final NanoClock clock;
    private final Consumer<String> show;
    private final StringBuilder text = new StringBuilder();
    private String reason = "";
    private int pieces;
    private int tokens = -1;
    private double serverRate;
    private long firstText;
    private long lastText;

    /// @param show called with each piece of text, as it is
    AnswerReader(NanoClock clock, Consumer<String> show) {
        this.clock = clock;
        this.show = show;
    }

    /// Reads `pending` to its end, whatever that is.
    Outcome read(URI server, PendingAnswer pending) throws InterruptedException {
        long asked = clock.nanoTime();
        try {
            AnswerStream answer = pending.begin();
            if (answer == null) {
                return new Outcome.Stopped("");
            }
            try (answer) {
                AnswerPart part;
                while ((part = answer.next()) != null) {
                    take(part);
                }
                if (answer.isClosed()) {
                    return new Outcome.Stopped(text.toString());
                }
            }
        } catch (ServerRefusedException e) {
            return new Outcome.Failed(text.toString(), Explain.refused(e));
        } catch (IOException e) {
            return new Outcome.Failed(text.toString(), Explain.lost(server, e));
        }
        Stats stats = new Stats(
                tokens < 0 ? pieces : tokens, pieces == 0 ? 0 : firstText - asked, lastText - firstText, serverRate);
        return new Outcome.Complete(text.toString(), reason, stats);
    }

    private void take(AnswerPart part) {
        switch (part) {
            case AnswerPart.Text(String piece) -> {
                lastText = clock.nanoTime();
                if (pieces++ == 0) {
                    firstText = lastText;
                }
                text.append(piece);
                show.accept(piece);
            }
            case AnswerPart.Finished(String why) -> reason = why;
            case AnswerPart.Cost cost -> {
                tokens = cost.completionTokens();
                serverRate = cost.tokensPerSecond();
            }
        }
    }
}
