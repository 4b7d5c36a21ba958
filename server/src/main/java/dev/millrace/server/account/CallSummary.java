package dev.millrace.server.account;

import dev.millrace.core.error.ErrorCode;
import dev.millrace.core.id.RequestId;
import dev.millrace.engine.FinishReason;
import dev.millrace.engine.Timings;
import dev.millrace.engine.Usage;
import org.jspecify.annotations.Nullable;

/// How one call to a model went, from arrival to the engine's last event. *Immutable.*
///
/// @param model the model that was asked for, if it is one of ours; else `unknown`
/// @param status what the client was told, or 499 if it left
/// @param error why it did not end well; `null` if it did
/// @param finish why the answer ended; `null` if there was none
/// @param queueNanos wait for a place before the engine was asked
/// @param firstTokenNanos arrival to first token; 0 if there was none
/// @param totalNanos arrival to the last byte handed to the connection
/// @param cache what the response cache did
public record CallSummary(
        RequestId id,
        Operation operation,
        String model,
        boolean stream,
        int status,
        @Nullable ErrorCode error,
        @Nullable FinishReason finish,
        Usage usage,
        Timings timings,
        long queueNanos,
        long firstTokenNanos,
        long totalNanos,
        CacheUse cache) {
    /// The model label of requests for models that are not here.
    public static final String UNKNOWN_MODEL = "unknown";

    /// A call of which the cache knows nothing.
    public CallSummary(
            RequestId id,
            Operation operation,
            String model,
            boolean stream,
            int status,
            @Nullable ErrorCode error,
            @Nullable FinishReason finish,
            Usage usage,
            Timings timings,
            long queueNanos,
            long firstTokenNanos,
            long totalNanos) {
        this(
                id,
                operation,
                model,
                stream,
                status,
                error,
                finish,
                usage,
                timings,
                queueNanos,
                firstTokenNanos,
                totalNanos,
                CacheUse.NONE);
    }

    /// The same, and what the response cache did.
    public CallSummary with(CacheUse use) {
        return new CallSummary(
                id,
                operation,
                model,
                stream,
                status,
                error,
                finish,
                usage,
                timings,
                queueNanos,
                firstTokenNanos,
                totalNanos,
                use);
    }

    /// What the response cache did for a call.
    public enum CacheUse {
        /// It is off, or the call never came that far.
        NONE,
        /// It answered.
        HIT,
        /// It answered, past the answer's life.
        STALE,
        /// It had no answer; this call was computed.
        MISS,
        /// It had no answer; this call got that of another one that was being computed.
        SHARED,
        /// It was asked to have the answer computed anew.
        REFRESH,
        /// It was left out.
        BYPASS,
        /// Nobody's request: an answer is computed anew behind the scenes, or for others after its client has
        /// left.
        BEHIND;

        /// True if no engine worked for the call.
        public boolean isGiven() {
            return this == HIT || this == STALE || this == SHARED;
        }
    }

    /// A call that never reached an engine.
    public static CallSummary refused(
            RequestId id, Operation operation, String model, int status, ErrorCode error, long totalNanos) {
        return new CallSummary(
                id, operation, model, false, status, error, null, Usage.NONE, Timings.NONE, 0, 0, totalNanos);
    }

    /// What was asked for, in the words of the GenAI conventions.
    public enum Operation {
        /// `/v1/chat/completions`.
        CHAT("chat"),
        /// `/v1/completions`.
        TEXT_COMPLETION("text_completion"),
        /// `/v1/embeddings`.
        EMBEDDINGS("embeddings");

        private final String wireName;

        Operation(String wireName) {
            this.wireName = wireName;
        }

        /// True if it makes tokens.
        boolean generates() {
            return this != EMBEDDINGS;
        }

        /// The name in metrics and logs.
        public String wireName() {
            return wireName;
        }
    }
}
