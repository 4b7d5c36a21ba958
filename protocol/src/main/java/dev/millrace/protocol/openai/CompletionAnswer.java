package dev.millrace.protocol.openai;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.millrace.protocol.json.JsonBytes;
import java.util.LinkedHashMap;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The shape of `/v1/completions`. *Confined to one thread at a time.*
final class CompletionAnswer implements AnswerWriter {
    private static final String ID_PREFIX = "cmpl-";
    private static final String OBJECT = "text_completion";
    private static final byte[] TEXT = "{\"text\":\"".getBytes(US_ASCII);
    private static final byte[] TEXT_END =
            "\",\"index\":0,\"logprobs\":null,\"finish_reason\":null}".getBytes(US_ASCII);

    private final AnswerHead head;
    private int streamedChars;
    private byte @Nullable [] opening;
    private byte @Nullable [] closing;

    CompletionAnswer(AnswerHead head) {
        this.head = head;
    }

    @Override
    public void start(JsonBytes out) {
        // The shape has no opening event: a client takes the first text as the start.
    }

    @Override
    public void delta(JsonBytes out, String text, @Nullable TokenChances chances) {
        open(out).raw(TEXT).escaped(text);
        if (chances == null) {
            out.raw(TEXT_END);
        } else {
            out.ascii("\",\"index\":0,\"logprobs\":");
            logprobs(out, List.of(chances), streamedChars);
            out.ascii(",\"finish_reason\":null}");
        }
        streamedChars += text.length();
        close(out);
    }

    @Override
    public void finish(JsonBytes out, FinishWord reason) {
        open(out).ascii("{\"text\":\"\",\"index\":0,\"logprobs\":null,\"finish_reason\":\"");
        out.ascii(reason.wireName()).ascii("\"}");
        close(out);
    }

    @Override
    public void usage(JsonBytes out, TokenUsage usage, TokenTimings timings) {
        open(out).ascii("],");
        AnswerParts.accounts(out, usage, timings);
        out.ascii("}").raw(AnswerParts.END);
    }

    @Override
    public void whole(
            JsonBytes out,
            CharSequence text,
            @Nullable List<TokenChances> chances,
            FinishWord reason,
            TokenUsage usage,
            TokenTimings timings) {
        AnswerParts.opening(out, head, ID_PREFIX, OBJECT);
        out.ascii("{\"text\":").string(text).ascii(",\"index\":0,\"logprobs\":");
        if (chances == null) {
            out.ascii("null");
        } else {
            logprobs(out, chances, 0);
        }
        out.ascii(",\"finish_reason\":\"").ascii(reason.wireName()).ascii("\"}],");
        AnswerParts.accounts(out, usage, timings);
        out.ascii("}");
    }

    private JsonBytes open(JsonBytes out) {
        if (opening == null) {
            opening = AnswerParts.eventOpening(head, ID_PREFIX, OBJECT);
        }
        return out.raw(opening);
    }

    private void close(JsonBytes out) {
        if (closing == null) {
            closing = AnswerParts.eventClosing(head);
        }
        out.raw(closing);
    }

    private static void logprobs(JsonBytes out, List<TokenChances> tokens, int firstOffset) {
        out.ascii("{\"tokens\":[");
        String separator = "";
        for (TokenChances token : tokens) {
            out.ascii(separator).string(token.chosen().text());
            separator = ",";
        }
        out.ascii("],\"token_logprobs\":[");
        separator = "";
        for (TokenChances token : tokens) {
            out.ascii(separator).real(token.chosen().logprob());
            separator = ",";
        }
        out.ascii("],\"top_logprobs\":[");
        separator = "";
        for (TokenChances token : tokens) {
            out.ascii(separator);
            rivals(out, token.top());
            separator = ",";
        }
        out.ascii("],\"text_offset\":[");
        separator = "";
        int offset = firstOffset;
        for (TokenChances token : tokens) {
            out.ascii(separator).number(offset);
            offset += token.chosen().text().length();
            separator = ",";
        }
        out.ascii("]}");
    }

    /// An object by text: of rivals with the same text (parts of characters) the strongest stays.
    private static void rivals(JsonBytes out, List<TokenChances.Chance> top) {
        var byText = new LinkedHashMap<String, Float>();
        for (TokenChances.Chance rival : top) {
            byText.putIfAbsent(rival.text(), rival.logprob());
        }
        out.ascii("{");
        String separator = "";
        for (var entry : byText.entrySet()) {
            out.ascii(separator).string(entry.getKey()).ascii(":").real(entry.getValue());
            separator = ",";
        }
        out.ascii("}");
    }
}
