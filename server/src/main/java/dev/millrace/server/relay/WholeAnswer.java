package dev.millrace.server.relay;

import dev.millrace.gateway.retry.Fault;
import dev.millrace.protocol.json.JsonBytes;
import dev.millrace.protocol.openai.AnswerScan;
import dev.millrace.server.reply.HeaderNames;
import io.netty.buffer.ByteBuf;

/// An answer in one piece. It is held until it is whole and found sound, so that one that breaks off can still come
/// from
/// somewhere else; one that is very long is passed on as it comes. *Confined to its event loop.*
final class WholeAnswer implements RelayAnswer {
    private static final int MOST_HELD_BYTES = 512 << 10;
    private static final int MOST_EXPECTED_BYTES = 64 << 10;

    private final RelayAttempt attempt;
    private final RelayOutput output;
    private final AnswerScan scan;
    private final BodyBytes body;
    private boolean passing;

    /// @param declaredBytes its declared length; -1 if it has none
    WholeAnswer(RelayAttempt attempt, RelayOutput output, AnswerScan scan, long declaredBytes) {
        this.attempt = attempt;
        this.output = output;
        this.scan = scan;
        this.body = new BodyBytes(Math.clamp(declaredBytes, 1024, MOST_EXPECTED_BYTES));
    }

    @Override
    public void content(ByteBuf piece) {
        body.add(piece);
    }

    @Override
    public void pause(long nowNanos) {
        if (!passing && body.size() > MOST_HELD_BYTES) {
            passing = true;
            output.beginLong(HeaderNames.JSON, nowNanos);
            attempt.shown(nowNanos);
        }
        if (passing && body.size() > 0) {
            output.piece(body.drain());
        }
    }

    @Override
    public void ended(long nowNanos) {
        if (passing) {
            pause(nowNanos);
            output.endLong();
            attempt.finished(nowNanos);
        } else if (!scan.read(body.bytes(), 0, body.size())) {
            attempt.fail(AttemptFailure.of(Fault.MALFORMED));
        } else if (scan.isError()) {
            attempt.fail(AttemptFailure.of(Fault.SERVER_ERROR));
        } else if (!attempt.isRightModel(scan.model())) {
            attempt.fail(AttemptFailure.of(Fault.WRONG_MODEL));
        } else {
            answer(nowNanos);
        }
    }

    private void answer(long nowNanos) {
        attempt.shown(nowNanos);
        attempt.count(scan);
        if (scan.model() != null && attempt.isRenamed()) {
            byte[] renamed = new JsonBytes(body.size() + attempt.publicName().length())
                    .raw(body.bytes(), 0, scan.modelFrom())
                    .string(attempt.publicName())
                    .raw(body.bytes(), scan.modelTo(), body.size())
                    .toByteArray();
            output.whole(200, HeaderNames.JSON, renamed, renamed.length, nowNanos);
        } else {
            output.whole(200, HeaderNames.JSON, body.bytes(), body.size(), nowNanos);
        }
        attempt.finished(nowNanos);
    }
}
