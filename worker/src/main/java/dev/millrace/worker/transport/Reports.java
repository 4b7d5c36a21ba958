package dev.millrace.worker.transport;

import dev.millrace.core.error.ErrorCode;
import dev.millrace.core.id.ModelId;
import dev.millrace.engine.EmbeddingEvent;
import dev.millrace.engine.EngineStatus;
import dev.millrace.engine.FinishReason;
import dev.millrace.engine.GenerationEvent;
import dev.millrace.engine.GenerationEvent.Failed;
import dev.millrace.engine.GenerationEvent.Finished;
import dev.millrace.engine.GenerationEvent.Prefilling;
import dev.millrace.engine.GenerationEvent.Queued;
import dev.millrace.engine.GenerationEvent.Terminal;
import dev.millrace.engine.GenerationEvent.Token;
import dev.millrace.engine.ModelDescription;
import dev.millrace.engine.Timings;
import dev.millrace.engine.TokenLogprob;
import dev.millrace.engine.TokenLogprob.TokenChance;
import dev.millrace.engine.Usage;
import dev.millrace.worker.LoadPhase;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What a worker tells its server, as bytes.
final class Reports {
    private static final int LOADING = 1;
    private static final int OPENED = 2;
    private static final int OPEN_FAILED = 3;
    private static final int QUEUED = 4;
    private static final int PREFILLING = 5;
    private static final int TOKEN = 6;
    private static final int TOKEN_WITH_LOGPROB = 7;
    private static final int FINISHED = 8;
    private static final int FAILED = 9;
    private static final int VITALS = 10;
    private static final int EMBEDDING = 11;

    private Reports() {}

    /// Takes what arrives.
    interface Receiver {
        void loading(LoadPhase phase, float fraction);

        void opened(ModelDescription model, Vitals vitals);

        void openFailed(String message);

        void progress(int handle, GenerationEvent event);

        void token(int handle, int tokenId, byte[] text, @Nullable TokenLogprob logprob);

        void ended(int handle, Terminal event);

        void embedding(int handle, EmbeddingEvent event);

        void vitals(Vitals vitals);
    }

    static void loading(FrameWriter out, LoadPhase phase, float fraction) {
        out.writeByte(LOADING);
        out.writeOne(phase);
        out.writeFloat(fraction);
    }

    static void opened(FrameWriter out, ModelDescription model, Vitals vitals) {
        out.writeByte(OPENED);
        out.writeString(model.id().value());
        out.writeString(model.engine());
        out.writeInt(model.contextTokens());
        out.writeLong(model.parameters());
        out.writeLong(model.sizeBytes());
        out.writeBoolean(model.simulated());
        writeVitals(out, vitals);
    }

    static void openFailed(FrameWriter out, String message) {
        out.writeByte(OPEN_FAILED);
        out.writeString(message);
    }

    static void vitals(FrameWriter out, Vitals vitals) {
        out.writeByte(VITALS);
        writeVitals(out, vitals);
    }

    static void event(FrameWriter out, int handle, GenerationEvent event) {
        switch (event) {
            case Token(int tokenId, String text, TokenLogprob logprob) -> {
                out.writeByte(logprob == null ? TOKEN : TOKEN_WITH_LOGPROB);
                out.writeInt(handle);
                out.writeInt(tokenId);
                out.writeString(text);
                if (logprob != null) {
                    writeLogprob(out, logprob);
                }
            }
            case Queued(int position, int promptTokens) -> {
                out.writeByte(QUEUED);
                out.writeInt(handle);
                out.writeInt(position);
                out.writeInt(promptTokens);
            }
            case Prefilling(int processed, int cached, int promptTokens) -> {
                out.writeByte(PREFILLING);
                out.writeInt(handle);
                out.writeInt(processed);
                out.writeInt(cached);
                out.writeInt(promptTokens);
            }
            case Finished(FinishReason reason, String stop, Usage usage, Timings timings) -> {
                out.writeByte(FINISHED);
                out.writeInt(handle);
                out.writeOne(reason);
                out.writeBoolean(stop != null);
                out.writeString(stop == null ? "" : stop);
                writeAccount(out, usage, timings);
            }
            case Failed(ErrorCode code, String message, Usage usage, Timings timings) -> {
                out.writeByte(FAILED);
                out.writeInt(handle);
                out.writeOne(code);
                out.writeString(message);
                writeAccount(out, usage, timings);
            }
        }
    }

    static void event(FrameWriter out, int handle, EmbeddingEvent event) {
        out.writeByte(EMBEDDING);
        out.writeInt(handle);
        EmbeddingFrames.write(out, event);
    }

    static void read(Frame frame, Receiver receiver) {
        FrameReader in = new FrameReader(frame);
        while (in.hasMore()) {
            int kind = in.readByte();
            switch (kind) {
                case TOKEN -> receiver.token(in.readInt(), in.readInt(), in.readBytes(), null);
                case TOKEN_WITH_LOGPROB -> receiver.token(in.readInt(), in.readInt(), in.readBytes(), readLogprob(in));
                case QUEUED -> receiver.progress(in.readInt(), new Queued(in.readInt(), in.readInt()));
                case PREFILLING ->
                    receiver.progress(in.readInt(), new Prefilling(in.readInt(), in.readInt(), in.readInt()));
                case FINISHED -> receiver.ended(in.readInt(), readFinished(in));
                case FAILED -> receiver.ended(in.readInt(), readFailed(in));
                case EMBEDDING -> receiver.embedding(in.readInt(), EmbeddingFrames.read(in));
                case VITALS -> receiver.vitals(readVitals(in));
                case LOADING -> receiver.loading(in.readOne(LoadPhase.values()), in.readFloat());
                case OPENED -> receiver.opened(readModel(in), readVitals(in));
                case OPEN_FAILED -> receiver.openFailed(in.readString());
                default -> throw new BrokenFrameException("kind of report: " + kind);
            }
        }
    }

    private static ModelDescription readModel(FrameReader in) {
        return new ModelDescription(
                new ModelId(in.readString()),
                in.readString(),
                in.readInt(),
                in.readLong(),
                in.readLong(),
                in.readBoolean());
    }

    private static Finished readFinished(FrameReader in) {
        FinishReason reason = in.readOne(FinishReason.values());
        boolean stopped = in.readBoolean();
        String stop = in.readString();
        return new Finished(reason, stopped ? stop : null, readUsage(in), readTimings(in));
    }

    private static Failed readFailed(FrameReader in) {
        return new Failed(in.readOne(ErrorCode.values()), in.readString(), readUsage(in), readTimings(in));
    }

    static void writeAccount(FrameWriter out, Usage usage, Timings timings) {
        out.writeInt(usage.promptTokens());
        out.writeInt(usage.cachedTokens());
        out.writeInt(usage.completionTokens());
        out.writeLong(timings.queueNanos());
        out.writeLong(timings.prefillNanos());
        out.writeLong(timings.decodeNanos());
    }

    static Usage readUsage(FrameReader in) {
        return new Usage(in.readInt(), in.readInt(), in.readInt());
    }

    static Timings readTimings(FrameReader in) {
        return new Timings(in.readLong(), in.readLong(), in.readLong());
    }

    private static void writeLogprob(FrameWriter out, TokenLogprob logprob) {
        writeChance(out, logprob.chosen());
        out.writeInt(logprob.top().size());
        logprob.top().forEach(chance -> writeChance(out, chance));
    }

    private static TokenLogprob readLogprob(FrameReader in) {
        TokenChance chosen = readChance(in);
        int count = in.readCount();
        List<TokenChance> top = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            top.add(readChance(in));
        }
        return new TokenLogprob(chosen, top);
    }

    private static void writeChance(FrameWriter out, TokenChance chance) {
        out.writeInt(chance.tokenId());
        ByteBuffer text = chance.bytes().buffer().duplicate();
        byte[] bytes = new byte[text.remaining()];
        text.get(bytes);
        out.writeBytes(bytes);
        out.writeFloat(chance.logprob());
    }

    private static TokenChance readChance(FrameReader in) {
        return new TokenChance(in.readInt(), TokenLogprob.Bytes.of(in.readBytes()), in.readFloat());
    }

    private static void writeVitals(FrameWriter out, Vitals vitals) {
        out.writeInt(vitals.probe());
        EngineStatus status = vitals.status();
        out.writeInt(status.slots());
        out.writeInt(status.runningSequences());
        out.writeInt(status.waitingSequences());
        out.writeInt(status.kvCells());
        out.writeInt(status.kvCellsUsed());
        out.writeInt(status.kvCellsCached());
        out.writeBoolean(status.computing());
        EngineStatus.Counters counters = status.counters();
        out.writeLong(counters.promptTokens());
        out.writeLong(counters.cachedTokens());
        out.writeLong(counters.generatedTokens());
        out.writeLong(counters.steps());
        out.writeLong(counters.preemptions());
        out.writeLong(counters.pausesForSlowReaders());
        out.writeLong(counters.turns());
        out.writeLong(vitals.residentBytes());
    }

    private static Vitals readVitals(FrameReader in) {
        int probe = in.readInt();
        EngineStatus status = new EngineStatus(
                in.readInt(),
                in.readInt(),
                in.readInt(),
                in.readInt(),
                in.readInt(),
                in.readInt(),
                in.readBoolean(),
                new EngineStatus.Counters(
                        in.readLong(),
                        in.readLong(),
                        in.readLong(),
                        in.readLong(),
                        in.readLong(),
                        in.readLong(),
                        in.readLong()));
        return new Vitals(probe, status, in.readLong());
    }
}
