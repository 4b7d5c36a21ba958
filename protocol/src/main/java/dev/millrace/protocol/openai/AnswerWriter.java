package dev.millrace.protocol.openai;

import dev.millrace.protocol.json.JsonBytes;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Writes one answer, whole or as server-sent events, in one of the dialect's two shapes. The parts that do not
/// change are encoded once per answer; a token costs the escaping of its own text. *Confined to one thread at a
/// time.*
///
/// A stream is [#start], any number of [#delta], [#finish], [#usage] if it was asked for, [#done]; or it breaks off
/// with [#error] and nothing after it.
public sealed interface AnswerWriter permits ChatAnswer, CompletionAnswer {
    /// A writer for `/v1/chat/completions`.
    static AnswerWriter chat(AnswerHead head) {
        return new ChatAnswer(head);
    }

    /// A writer for `/v1/completions`.
    static AnswerWriter completion(AnswerHead head) {
        return new CompletionAnswer(head);
    }

    /// Appends the event that opens a stream; plain completions have none.
    void start(JsonBytes out);

    /// Appends one token's event.
    void delta(JsonBytes out, String text, @Nullable TokenChances chances);

    /// Appends the last content event.
    void finish(JsonBytes out, FinishWord reason);

    /// Appends the usage event: no choices, the counts.
    void usage(JsonBytes out, TokenUsage usage, TokenTimings timings);

    /// Appends the whole answer as one JSON object.
    ///
    /// @param chances one entry per token, if log-probabilities were asked for
    void whole(
            JsonBytes out,
            CharSequence text,
            @Nullable List<TokenChances> chances,
            FinishWord reason,
            TokenUsage usage,
            TokenTimings timings);

    /// Appends the event that says a stream is complete.
    static void done(JsonBytes out) {
        out.raw(AnswerParts.DONE);
    }

    /// Appends the event that breaks a stream off.
    static void error(JsonBytes out, ApiError error) {
        out.raw(AnswerParts.DATA);
        error.write(out);
        out.raw(AnswerParts.END);
    }
}
