package dev.millrace.worker.transport;

import dev.millrace.core.id.ModelId;
import dev.millrace.engine.EmbeddingRequest;
import dev.millrace.engine.GenerationRequest;
import dev.millrace.worker.LoadOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;

/// What a server tells its worker, as bytes. A generation or an embedding request is named by its handle, a number that
/// the server never uses twice.
final class Commands {
    private static final int OPEN = 1;
    private static final int SUBMIT = 2;
    private static final int CANCEL = 3;
    private static final int CREDIT = 4;
    private static final int PROBE = 5;
    private static final int EMBED = 6;

    private Commands() {}

    /// Carries out what arrives.
    interface Receiver {
        void open(LoadOrder order);

        void submit(int handle, GenerationRequest request);

        void embed(int handle, EmbeddingRequest request);

        void cancel(int handle);

        /// The server has read `tokens` more of a generation.
        void credit(int handle, int tokens);

        void probe(int number);
    }

    /// The first frame of a session, and nothing else: whoever cannot show it is not heard.
    static Frame secret(String secret) {
        byte[] bytes = secret.getBytes(StandardCharsets.UTF_8);
        return new Frame(bytes, bytes.length);
    }

    static Frame open(LoadOrder order) {
        FrameWriter out = new FrameWriter();
        out.writeByte(OPEN);
        out.writeOne(order.kind());
        out.writeString(order.model().value());
        out.writeString(order.file().toString());
        out.writeInt(order.contextTokens());
        out.writeInt(order.slots());
        out.writeInt(order.threads());
        out.writeLong(order.stepBudget().toNanos());
        out.writeString(order.dataDirectory().toString());
        Path natives = order.natives();
        out.writeString(natives == null ? "" : natives.toString());
        return out.take();
    }

    static Frame submit(int handle, GenerationRequest request) {
        FrameWriter out = new FrameWriter();
        out.writeByte(SUBMIT);
        out.writeInt(handle);
        RequestFrames.write(out, request);
        return out.take();
    }

    static Frame embed(int handle, EmbeddingRequest request) {
        FrameWriter out = new FrameWriter();
        out.writeByte(EMBED);
        out.writeInt(handle);
        RequestFrames.write(out, request);
        return out.take();
    }

    static Frame cancel(int handle) {
        FrameWriter out = new FrameWriter();
        out.writeByte(CANCEL);
        out.writeInt(handle);
        return out.take();
    }

    static Frame credit(int handle, int tokens) {
        FrameWriter out = new FrameWriter();
        out.writeByte(CREDIT);
        out.writeInt(handle);
        out.writeInt(tokens);
        return out.take();
    }

    static Frame probe(int number) {
        FrameWriter out = new FrameWriter();
        out.writeByte(PROBE);
        out.writeInt(number);
        return out.take();
    }

    static void read(Frame frame, Receiver receiver) {
        FrameReader in = new FrameReader(frame);
        while (in.hasMore()) {
            int kind = in.readByte();
            switch (kind) {
                case OPEN -> receiver.open(readOrder(in));
                case SUBMIT -> receiver.submit(in.readInt(), RequestFrames.read(in));
                case EMBED -> receiver.embed(in.readInt(), RequestFrames.readEmbedding(in));
                case CANCEL -> receiver.cancel(in.readInt());
                case CREDIT -> receiver.credit(in.readInt(), in.readInt());
                case PROBE -> receiver.probe(in.readInt());
                default -> throw new BrokenFrameException("kind of command: " + kind);
            }
        }
    }

    private static LoadOrder readOrder(FrameReader in) {
        LoadOrder.Kind kind = in.readOne(LoadOrder.Kind.values());
        ModelId model = new ModelId(in.readString());
        Path file = Path.of(in.readString());
        int contextTokens = in.readInt();
        int slots = in.readInt();
        int threads = in.readInt();
        Duration stepBudget = Duration.ofNanos(in.readLong());
        Path dataDirectory = Path.of(in.readString());
        String natives = in.readString();
        return new LoadOrder(
                kind,
                model,
                file,
                contextTokens,
                slots,
                threads,
                stepBudget,
                dataDirectory,
                natives.isEmpty() ? null : Path.of(natives));
    }
}
