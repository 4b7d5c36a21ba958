package dev.millrace.testing.upstream;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Lays out the steps of an answer that is no stream.
final class WholeScript {
    private WholeScript() {}

    static List<Step> steps(CompletionTexts texts, Pacing pacing, Faults faults, Transport transport) {
        byte[] body = texts.whole().getBytes(StandardCharsets.UTF_8);
        List<Step> steps = new ArrayList<>();
        if (pacing.headers().isPositive()) {
            steps.add(Step.pause(pacing.headers()));
        }
        steps.add(Step.send(transport.head(200, Reply.JSON, body.length)));
        if (pacing.firstToken().isPositive()) {
            steps.add(Step.pause(pacing.firstToken()));
        }
        steps.addAll(body(body, transport, faults.whole()));
        return steps;
    }

    /// The body with its end, or as far as it gets.
    static List<Step> body(byte[] body, Transport transport, @Nullable Break broken) {
        List<Step> steps = new ArrayList<>();
        if (broken == null) {
            steps.add(transport.piece(body));
            steps.addAll(transport.end());
        } else {
            steps.add(transport.piece(Arrays.copyOf(body, Math.min(body.length, broken.after()))));
            steps.add(broken.how());
        }
        return steps;
    }
}
