package dev.millrace.protocol.openai;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.millrace.protocol.json.JsonBytes;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The shape of `/v1/chat/completions`. *Confined to one thread at a time.*
final class ChatAnswer implements AnswerWriter {
    private static final String ID_PREFIX = "chatcmpl-";
    private static final byte[] ROLE =
            "{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":\"\"},\"logprobs\":null,\"finish_reason\":null}"
                    .getBytes(US_ASCII);
    private static final byte[] DELTA = "{\"index\":0,\"delta\":{\"content\":\"".getBytes(US_ASCII);
    private static final byte[] DELTA_END = "\"},\"logprobs\":null,\"finish_reason\":null}".getBytes(US_ASCII);

    private final AnswerHead head;
    private byte @Nullable [] opening;
    private byte @Nullable [] closing;

    ChatAnswer(AnswerHead head) {
        this.head = head;
    }

    @Override
    public void start(JsonBytes out) {
        open(out).raw(ROLE);
        close(out);
    }

    @Override
    public void delta(JsonBytes out, String text, @Nullable TokenChances chances) {
        open(out).raw(DELTA).escaped(text);
        if (chances == null) {
            out.raw(DELTA_END);
        } else {
            out.ascii("\"},\"logprobs\":");
            logprobs(out, List.of(chances));
            out.ascii(",\"finish_reason\":null}");
        }
        close(out);
    }

    @Override
    public void finish(JsonBytes out, FinishWord reason) {
        open(out).ascii("{\"index\":0,\"delta\":{},\"logprobs\":null,\"finish_reason\":\"");
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
        AnswerParts.opening(out, head, ID_PREFIX, "chat.completion");
        out.ascii("{\"index\":0,\"message\":{\"role\":\"assistant\",\"content\":")
                .string(text);
        out.ascii(",\"refusal\":null},\"logprobs\":");
        if (chances == null) {
            out.ascii("null");
        } else {
            logprobs(out, chances);
        }
        out.ascii(",\"finish_reason\":\"").ascii(reason.wireName()).ascii("\"}],");
        AnswerParts.accounts(out, usage, timings);
        out.ascii("}");
    }

    private JsonBytes open(JsonBytes out) {
        if (opening == null) {
            opening = AnswerParts.eventOpening(head, ID_PREFIX, "chat.completion.chunk");
        }
        return out.raw(opening);
    }

    private void close(JsonBytes out) {
        if (closing == null) {
            closing = AnswerParts.eventClosing(head);
        }
        out.raw(closing);
    }

    private static void logprobs(JsonBytes out, List<TokenChances> tokens) {
        out.ascii("{\"content\":[");
        String separator = "";
        for (TokenChances token : tokens) {
            out.ascii(separator);
            chance(out, token.chosen());
            out.ascii(",\"top_logprobs\":[");
            String inner = "";
            for (TokenChances.Chance rival : token.top()) {
                out.ascii(inner);
                chance(out, rival);
                out.ascii("}");
                inner = ",";
            }
            out.ascii("]}");
            separator = ",";
        }
        out.ascii("],\"refusal\":null}");
    }

    /// Leaves the object open.
    private static void chance(JsonBytes out, TokenChances.Chance chance) {
        out.ascii("{\"token\":").string(chance.text());
        out.ascii(",\"logprob\":").real(chance.logprob()).ascii(",\"bytes\":[");
        String separator = "";
        for (int b : chance.bytes()) {
            out.ascii(separator).number(b);
            separator = ",";
        }
        out.ascii("]");
    }
}
