package dev.millrace.testing.upstream;

import dev.millrace.testing.upstream.Transport.Framing;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/// Lays out the steps of a stream. *Confined to one call.*
final class StreamScript {
    private final CompletionTexts texts;
    private final boolean includeUsage;
    private final Pacing pacing;
    private final Set<Quirk> quirks;
    private final Faults faults;
    private final Transport transport;
    private final String lineEnd;
    private final List<Step> steps = new ArrayList<>();
    private int events;
    private boolean over;

    StreamScript(
            SeenRequest request,
            CompletionTexts texts,
            Pacing pacing,
            Set<Quirk> quirks,
            Faults faults,
            Transport transport) {
        this.texts = texts;
        this.includeUsage = request.includeUsage();
        this.pacing = pacing;
        this.quirks = quirks;
        this.faults = faults;
        this.transport = transport.framing() == Framing.UNTIL_CLOSE ? transport : transport.with(Framing.CHUNKED);
        this.lineEnd = quirks.contains(Quirk.CRLF) ? "\r\n" : "\n";
    }

    List<Step> steps() {
        pause(pacing.headers());
        steps.add(Step.send(transport.head(200, "text/event-stream; charset=utf-8", 0)));
        checkPoint();
        texts.roleEvent().forEach(this::event);
        if (!over) {
            pause(pacing.firstToken());
        }
        payloads().forEach(this::event);
        if (!over) {
            steps.addAll(transport.end());
        }
        return steps;
    }

    /// Everything behind the role.
    private List<String> payloads() {
        List<String> payloads = new ArrayList<>();
        texts.words().forEach(word -> payloads.add(texts.wordEvent(word)));
        if (!quirks.contains(Quirk.NO_FINISH_REASON)) {
            payloads.add(texts.finishEvent());
        }
        if (includeUsage) {
            payloads.add(texts.usageEvent());
        }
        if (!quirks.contains(Quirk.NO_DONE)) {
            payloads.add("[DONE]");
        }
        return payloads;
    }

    private void event(String payload) {
        if (over) {
            return;
        }
        if (events > 0) {
            pause(pacing.between());
        }
        if (quirks.contains(Quirk.COMMENT_PINGS)) {
            piece(": ping" + lineEnd + lineEnd);
        }
        piece(line(payload) + (payload.equals("[DONE]") && quirks.contains(Quirk.NO_FINAL_BLANK_LINE) ? "" : lineEnd));
        events++;
        checkPoint();
    }

    /// What happens behind the events so far.
    private void checkPoint() {
        for (Insertion insertion : faults.insertions()) {
            if (!over && insertion.afterEvents() == events) {
                piece(line(insertion.payload()) + lineEnd);
                if (insertion.last()) {
                    over = true;
                    steps.addAll(transport.end());
                }
            }
        }
        Break broken = faults.stream();
        if (!over && broken != null && broken.after() == events) {
            over = true;
            steps.add(broken.how());
        }
    }

    private String line(String payload) {
        return (quirks.contains(Quirk.NO_SPACE) ? "data:" : "data: ") + payload + lineEnd;
    }

    private void piece(String text) {
        steps.add(transport.piece(text.getBytes(StandardCharsets.UTF_8)));
    }

    private void pause(Duration time) {
        if (time.isPositive()) {
            steps.add(Step.pause(time));
        }
    }
}
