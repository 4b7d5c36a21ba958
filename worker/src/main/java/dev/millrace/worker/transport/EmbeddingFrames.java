package dev.millrace.worker.transport;

import dev.millrace.core.error.ErrorCode;
import dev.millrace.engine.EmbeddingEvent;
import dev.millrace.engine.EmbeddingEvent.Cancelled;
import dev.millrace.engine.EmbeddingEvent.Failed;
import dev.millrace.engine.EmbeddingEvent.Finished;
import dev.millrace.engine.EmbeddingEvent.Started;
import dev.millrace.engine.EmbeddingEvent.Vector;

/// Events of embedding requests as bytes.
final class EmbeddingFrames {
    private static final int STARTED = 1;
    private static final int VECTOR = 2;
    private static final int FINISHED = 3;
    private static final int CANCELLED = 4;
    private static final int FAILED = 5;

    private EmbeddingFrames() {}

    static void write(FrameWriter out, EmbeddingEvent event) {
        switch (event) {
            case Started(int promptTokens) -> {
                out.writeByte(STARTED);
                out.writeInt(promptTokens);
            }
            case Vector(float[] values) -> {
                out.writeByte(VECTOR);
                out.writeFloats(values);
            }
            case Finished finished -> {
                out.writeByte(FINISHED);
                Reports.writeAccount(out, finished.usage(), finished.timings());
            }
            case Cancelled cancelled -> {
                out.writeByte(CANCELLED);
                Reports.writeAccount(out, cancelled.usage(), cancelled.timings());
            }
            case Failed failed -> {
                out.writeByte(FAILED);
                out.writeOne(failed.code());
                out.writeString(failed.message());
                Reports.writeAccount(out, failed.usage(), failed.timings());
            }
        }
    }

    static EmbeddingEvent read(FrameReader in) {
        int kind = in.readByte();
        return switch (kind) {
            case STARTED -> new Started(in.readInt());
            case VECTOR -> new Vector(in.readFloats());
            case FINISHED -> new Finished(Reports.readUsage(in), Reports.readTimings(in));
            case CANCELLED -> new Cancelled(Reports.readUsage(in), Reports.readTimings(in));
            case FAILED ->
                new Failed(
                        in.readOne(ErrorCode.values()),
                        in.readString(),
                        Reports.readUsage(in),
                        Reports.readTimings(in));
            default -> throw new BrokenFrameException("kind of embedding event: " + kind);
        };
    }
}
