package dev.millrace.worker.transport;

import dev.millrace.core.id.RequestId;
import dev.millrace.engine.ChatMessage;
import dev.millrace.engine.EmbeddingRequest;
import dev.millrace.engine.GenerationRequest;
import dev.millrace.engine.Prompt;
import dev.millrace.engine.Sampling;
import dev.millrace.engine.Share;
import dev.millrace.engine.Stopping;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Requests as bytes. Text that is no Unicode, which only half a surrogate pair can be, arrives with
/// replacement characters.
final class RequestFrames {
    private static final int CHAT = 0;
    private static final int TEXT = 1;
    private static final int TOKENS = 2;
    private static final int MAX_DEPTH = 64;

    private RequestFrames() {}

    static void write(FrameWriter out, GenerationRequest request) {
        out.writeString(request.id().value());
        writePrompt(out, request.prompt());
        out.writeInt(request.maxTokens());
        writeStopping(out, request.stopping());
        writeSampling(out, request.sampling());
        out.writeString(request.share().key());
        out.writeFloat(request.share().weight());
        out.writeBoolean(request.repeatable());
    }

    static GenerationRequest read(FrameReader in) {
        return new GenerationRequest(
                new RequestId(in.readString()),
                readPrompt(in),
                in.readInt(),
                readStopping(in),
                readSampling(in),
                new Share(in.readString(), in.readFloat()),
                in.readBoolean());
    }

    static void write(FrameWriter out, EmbeddingRequest request) {
        out.writeString(request.id().value());
        out.writeInt(request.dimensions());
        out.writeInt(request.inputs().size());
        request.inputs().forEach(input -> writePrompt(out, input));
    }

    static EmbeddingRequest readEmbedding(FrameReader in) {
        RequestId id = new RequestId(in.readString());
        int dimensions = in.readInt();
        int count = in.readCount();
        if (count < 1 || count > EmbeddingRequest.MAX_INPUTS || dimensions < 0) {
            throw new BrokenFrameException("inputs: " + count + ", dimensions: " + dimensions);
        }
        List<Prompt> inputs = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            inputs.add(readPrompt(in));
        }
        return new EmbeddingRequest(id, inputs, dimensions);
    }

    private static void writePrompt(FrameWriter out, Prompt prompt) {
        switch (prompt) {
            case Prompt.Chat(List<ChatMessage> messages, Map<String, Object> arguments) -> {
                out.writeByte(CHAT);
                out.writeInt(messages.size());
                for (ChatMessage message : messages) {
                    out.writeOne(message.role());
                    out.writeString(message.content());
                }
                writeValue(out, arguments, 0);
            }
            case Prompt.Text(String text) -> {
                out.writeByte(TEXT);
                out.writeString(text);
            }
            case Prompt.Tokens(List<Integer> tokens) -> {
                out.writeByte(TOKENS);
                out.writeInt(tokens.size());
                tokens.forEach(out::writeInt);
            }
        }
    }

    private static Prompt readPrompt(FrameReader in) {
        int kind = in.readByte();
        return switch (kind) {
            case CHAT -> readChat(in);
            case TEXT -> new Prompt.Text(in.readString());
            case TOKENS -> {
                int count = in.readCount();
                List<Integer> tokens = new ArrayList<>(count);
                for (int i = 0; i < count; i++) {
                    tokens.add(in.readInt());
                }
                yield new Prompt.Tokens(tokens);
            }
            default -> throw new BrokenFrameException("kind of prompt: " + kind);
        };
    }

    private static Prompt readChat(FrameReader in) {
        int count = in.readCount();
        List<ChatMessage> messages = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            messages.add(new ChatMessage(in.readOne(ChatMessage.Role.values()), in.readString()));
        }
        if (readValue(in, 0) instanceof Map<?, ?> arguments) {
            Map<String, Object> named = new HashMap<>();
            arguments.forEach((name, value) -> named.put((String) name, value));
            return new Prompt.Chat(messages, named);
        }
        throw new BrokenFrameException("template arguments are no map");
    }

    private static void writeStopping(FrameWriter out, Stopping stopping) {
        out.writeInt(stopping.stops().size());
        stopping.stops().forEach(out::writeString);
        out.writeBoolean(stopping.ignoreEos());
        out.writeInt(stopping.minTokens());
    }

    private static Stopping readStopping(FrameReader in) {
        int count = in.readCount();
        List<String> stops = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            stops.add(in.readString());
        }
        return new Stopping(stops, in.readBoolean(), in.readInt());
    }

    private static void writeSampling(FrameWriter out, Sampling sampling) {
        out.writeFloat(sampling.temperature());
        out.writeInt(sampling.topK());
        out.writeFloat(sampling.topP());
        out.writeFloat(sampling.minP());
        out.writeFloat(sampling.penalties().repeat());
        out.writeFloat(sampling.penalties().presence());
        out.writeFloat(sampling.penalties().frequency());
        out.writeInt(sampling.penalties().lastTokens());
        out.writeInt(sampling.logitBias().size());
        sampling.logitBias().forEach((token, bias) -> {
            out.writeInt(token);
            out.writeFloat(bias);
        });
        out.writeLong(sampling.seed());
        out.writeInt(sampling.logprobs());
    }

    private static Sampling readSampling(FrameReader in) {
        float temperature = in.readFloat();
        int topK = in.readInt();
        float topP = in.readFloat();
        float minP = in.readFloat();
        var penalties = new Sampling.Penalties(in.readFloat(), in.readFloat(), in.readFloat(), in.readInt());
        int count = in.readCount();
        Map<Integer, Float> bias = new HashMap<>();
        for (int i = 0; i < count; i++) {
            bias.put(in.readInt(), in.readFloat());
        }
        return new Sampling(temperature, topK, topP, minP, penalties, bias, in.readLong(), in.readInt());
    }

    /// Template arguments: what JSON can say, as [Prompt.Chat] lists it.
    private static void writeValue(FrameWriter out, @Nullable Object value, int depth) {
        if (depth > MAX_DEPTH) {
            throw new IllegalArgumentException("template arguments: nested deeper than " + MAX_DEPTH);
        }
        switch (value) {
            case null -> out.writeByte('n');
            case Boolean truth -> out.writeByte(truth ? 't' : 'f');
            case String text -> {
                out.writeByte('s');
                out.writeString(text);
            }
            case Integer number -> {
                out.writeByte('i');
                out.writeInt(number);
            }
            case Long number -> {
                out.writeByte('l');
                out.writeLong(number);
            }
            case Number number -> {
                out.writeByte('d');
                out.writeDouble(number.doubleValue());
            }
            case List<?> list -> {
                out.writeByte('[');
                out.writeInt(list.size());
                list.forEach(element -> writeValue(out, element, depth + 1));
            }
            case Map<?, ?> map -> {
                out.writeByte('{');
                out.writeInt(map.size());
                map.forEach((name, element) -> {
                    out.writeString(String.valueOf(name));
                    writeValue(out, element, depth + 1);
                });
            }
            default -> throw new IllegalArgumentException("template argument of " + value.getClass());
        }
    }

    private static @Nullable Object readValue(FrameReader in, int depth) {
        if (depth > MAX_DEPTH) {
            throw new BrokenFrameException("values nested deeper than " + MAX_DEPTH);
        }
        int kind = in.readByte();
        return switch (kind) {
            case 'n' -> null;
            case 't' -> true;
            case 'f' -> false;
            case 's' -> in.readString();
            case 'i' -> in.readInt();
            case 'l' -> in.readLong();
            case 'd' -> in.readDouble();
            case '[' -> {
                int count = in.readCount();
                List<@Nullable Object> list = new ArrayList<>(count);
                for (int i = 0; i < count; i++) {
                    list.add(readValue(in, depth + 1));
                }
                yield list;
            }
            case '{' -> {
                int count = in.readCount();
                Map<String, @Nullable Object> map = new LinkedHashMap<>();
                for (int i = 0; i < count; i++) {
                    map.put(in.readString(), readValue(in, depth + 1));
                }
                yield map;
            }
            default -> throw new BrokenFrameException("kind of value: " + kind);
        };
    }
}
