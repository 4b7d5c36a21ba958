package dev.millrace.bench;

import java.io.EOFException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// One streamed chat answer as its reader saw it. *Immutable.*
///
/// @param model the model that the stream says it is from; empty if it says none
/// @param text what came of it, with JSON's escapes as they were
/// @param done the stream ended with `[DONE]`
/// @param error the stream held an error, or the answer was none
/// @param askedNanos when the question was sent
/// @param arrivals when each piece of text came, in nanoseconds of [System#nanoTime]
record ChatAnswer(
        int status, String model, String text, boolean done, boolean error, long askedNanos, List<Long> arrivals) {
    private static final Pattern CONTENT = Pattern.compile("\"content\":\"((?:[^\"\\\\]|\\\\.)*)\"");
    private static final Pattern MODEL = Pattern.compile("\"model\":\"([^\"]*)\"");

    /// The body of a question that has one answer: each token the most likely one, exactly `tokens` of them.
    static String greedy(String model, String question, int tokens) {
        return "{\"model\":\"" + model + "\",\"stream\":true,\"temperature\":0,\"ignore_eos\":true,\"max_tokens\":"
                + tokens + ",\"messages\":[{\"role\":\"user\",\"content\":\"" + question + "\"}]}";
    }

    /// Asks and reads to the end.
    ///
    /// @param onToken called at each piece of text
    static ChatAnswer ask(InetSocketAddress server, String body, Runnable onToken) throws IOException {
        long asked = System.nanoTime();
        try (SseCall call = SseCall.post(server, "/v1/chat/completions", body)) {
            int status = call.awaitHead();
            if (status != 200) {
                return new ChatAnswer(status, "", "", false, true, asked, List.of());
            }
            Reading reading = new Reading(onToken);
            boolean done = true;
            try {
                call.readEvents(reading::event);
            } catch (EOFException e) {
                done = false;
            }
            return new ChatAnswer(
                    status,
                    reading.model,
                    reading.text.toString(),
                    done,
                    reading.error,
                    asked,
                    List.copyOf(reading.arrivals));
        }
    }

    static ChatAnswer ask(InetSocketAddress server, String body) throws IOException {
        return ask(server, body, () -> {});
    }

    /// When its first token came; 0 if none did.
    long firstNanos() {
        return arrivals.isEmpty() ? 0 : arrivals.getFirst();
    }

    /// From the question to the first token.
    double firstMillis() {
        return (firstNanos() - askedNanos) / 1e6;
    }

    /// True if it is the whole answer, from the model that was asked. With random weights many tokens are almost as
    /// likely as the best one, and who else is in a pass decides between them: of such models only the first word
    /// is compared.
    boolean isWhole(String asked, String expected) {
        boolean same =
                asked.startsWith("random-") ? firstWord(text).equals(firstWord(expected)) : text.equals(expected);
        return done && !error && model.equals(asked) && !text.isEmpty() && same;
    }

    private static String firstWord(String text) {
        return text.strip().split(" ", 2)[0];
    }

    private static final class Reading {
        private final Runnable onToken;
        private final StringBuilder text = new StringBuilder();
        private final List<Long> arrivals = new ArrayList<>();
        private String model = "";
        private boolean error;

        Reading(Runnable onToken) {
            this.onToken = onToken;
        }

        void event(String payload, long nanos) {
            error |= payload.startsWith("{\"error\"");
            if (error) {
                return;
            }
            Matcher named = MODEL.matcher(payload);
            if (model.isEmpty() && named.find()) {
                model = named.group(1);
            }
            Matcher content = CONTENT.matcher(payload);
            if (content.find() && !content.group(1).isEmpty()) {
                arrivals.add(nanos);
                text.append(content.group(1));
                onToken.run();
            }
        }
    }
}
