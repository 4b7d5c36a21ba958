package dev.millrace.gateway.cache;

import java.util.List;
import java.util.Set;

/// Whether an answer is whole, and so may be stored; any doubt is a no.
public enum Completeness {
    /// It is.
    WHOLE,
    /// The status is not 200.
    STATUS,
    /// The request was cancelled; what came until then looks like an answer.
    CANCELLED,
    /// An error was sent where the answer should go on.
    ERROR_EVENT,
    /// The end mark, or the last byte of a body whose length was known, never came.
    NO_END,
    /// A choice has no end, or there are more or fewer choices than were asked for.
    CHOICE_WITHOUT_END,
    /// A choice ended in a way that asking again may change.
    UNSTABLE_END,
    /// More bytes than are kept.
    TOO_LARGE;

    // Named one by one, because upstreams invent words for their failures: "error", "abort", "eos_token_missing".
    // "content_filter" is left out: it judges with a model of its own, and cuts.
    private static final Set<String> STABLE_ENDS = Set.of("stop", "length", "tool_calls", "function_call");

    /// True if the answer may be stored.
    public boolean mayStore() {
        return this == WHOLE;
    }

    /// Judges one answer.
    ///
    /// @param maxBytes largest payload to keep
    public static Completeness of(Observed answer, long maxBytes) {
        if (answer.status() != 200) {
            return STATUS;
        }
        if (answer.cancelled()) {
            return CANCELLED;
        }
        if (answer.errorEvent()) {
            return ERROR_EVENT;
        }
        if (!answer.ended()) {
            return NO_END;
        }
        if (answer.finishReasons().size() != answer.choices()
                || answer.finishReasons().contains(Observed.NOT_SEEN)) {
            return CHOICE_WITHOUT_END;
        }
        if (!STABLE_ENDS.containsAll(answer.finishReasons())) {
            return UNSTABLE_END;
        }
        return answer.bytes() > maxBytes ? TOO_LARGE : WHOLE;
    }

    /// What was seen of an answer on its way out. *Immutable.*
    ///
    /// @param status of the HTTP answer
    /// @param choices how many the request asked for; 0 where there are none, as for embeddings
    /// @param finishReasons one for each choice that was seen, by index, in OpenAI's words; [#NOT_SEEN] for `null`
    /// @param ended the end mark of a stream (`[DONE]`), or the whole of a body, has come
    /// @param errorEvent an error was seen in it
    /// @param cancelled by the client, a deadline or a shutdown
    /// @param bytes of the payload
    public record Observed(
            int status,
            int choices,
            List<String> finishReasons,
            boolean ended,
            boolean errorEvent,
            boolean cancelled,
            long bytes) {
        /// The reason of a choice that never said one.
        public static final String NOT_SEEN = "";

        public Observed {
            finishReasons = List.copyOf(finishReasons);
        }
    }
}
