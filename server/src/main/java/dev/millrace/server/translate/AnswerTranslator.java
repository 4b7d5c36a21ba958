package dev.millrace.server.translate;

import dev.millrace.engine.FinishReason;
import dev.millrace.engine.Timings;
import dev.millrace.engine.TokenLogprob;
import dev.millrace.engine.Usage;
import dev.millrace.protocol.openai.FinishWord;
import dev.millrace.protocol.openai.TokenChances;
import dev.millrace.protocol.openai.TokenTimings;
import dev.millrace.protocol.openai.TokenUsage;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Makes wire records of what an engine reports. Stateless, thread-safe.
public final class AnswerTranslator {
    private AnswerTranslator() {}

    /// Token counts.
    public static TokenUsage usage(Usage usage) {
        return new TokenUsage(usage.promptTokens(), usage.cachedTokens(), usage.completionTokens());
    }

    /// Times.
    public static TokenTimings timings(Timings timings) {
        return new TokenTimings(timings.queueNanos(), timings.prefillNanos(), timings.decodeNanos());
    }

    /// The dialect's word; a cancelled answer is not written, so its word does not matter.
    public static FinishWord word(FinishReason reason) {
        return switch (reason) {
            case STOP, CANCELLED -> FinishWord.STOP;
            case LENGTH -> FinishWord.LENGTH;
        };
    }

    /// Log-probabilities with their tokens as text and bytes.
    public static @Nullable TokenChances chances(@Nullable TokenLogprob logprob) {
        if (logprob == null) {
            return null;
        }
        return new TokenChances(
                chance(logprob.chosen()),
                logprob.top().stream().map(AnswerTranslator::chance).toList());
    }

    private static TokenChances.Chance chance(TokenLogprob.TokenChance chance) {
        ByteBuffer buffer = chance.bytes().buffer().duplicate();
        byte[] bytes = new byte[buffer.remaining()];
        buffer.get(bytes);
        List<Integer> numbers = new ArrayList<>(bytes.length);
        for (byte b : bytes) {
            numbers.add(b & 0xff);
        }
        return new TokenChances.Chance(new String(bytes, StandardCharsets.UTF_8), numbers, chance.logprob());
    }
}
