package dev.millrace.server.relay;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.millrace.gateway.retry.Fault;
import dev.millrace.protocol.json.JsonBytes;
import dev.millrace.protocol.openai.AnswerScan;
import dev.millrace.protocol.openai.AnswerWriter;
import dev.millrace.protocol.sse.SseParser;
import dev.millrace.protocol.sse.SseScanner;
import io.netty.buffer.ByteBuf;
import java.util.Arrays;

/// A stream of events. Each is looked through and written anew in one form, whole events only, and all that came
/// together
/// in one write. Until one has content they are held: the client knows nothing yet, and another endpoint can still
/// answer.
/// Comments end here; the client gets heartbeats of this server. *Confined to its event loop.*
final class EventAnswer implements RelayAnswer {
    private static final int MOST_HELD_BYTES = 256 << 10;
    private static final byte[] DONE = "[DONE]".getBytes(US_ASCII);

    private final RelayAttempt attempt;
    private final RelayOutput output;
    private final AnswerScan scan;
    private final boolean keepsUsage;
    private final SseScanner events = new SseScanner(this::event);
    private final JsonBytes out = new JsonBytes(1024);
    private byte[] scratch = new byte[2048];
    private boolean worthShowing;
    private boolean shown;
    private boolean finishSeen;
    private boolean over;

    /// @param keepsUsage the client asked for the usage event
    EventAnswer(RelayAttempt attempt, RelayOutput output, AnswerScan scan, boolean keepsUsage) {
        this.attempt = attempt;
        this.output = output;
        this.scan = scan;
        this.keepsUsage = keepsUsage;
    }

    @Override
    public void content(ByteBuf piece) {
        if (over) {
            return;
        }
        int length = piece.readableBytes();
        if (scratch.length < length) {
            scratch = new byte[length];
        }
        piece.readBytes(scratch, 0, length);
        try {
            events.accept(scratch, 0, length);
        } catch (SseParser.EventTooLargeException _) {
            fail(Fault.MALFORMED);
        }
    }

    private void event(String name, byte[] data, int length) {
        if (over) {
            return;
        }
        if (Arrays.equals(data, 0, length, DONE, 0, DONE.length)) {
            finish();
        } else if (!scan.read(data, 0, length)) {
            fail(Fault.MALFORMED);
        } else if (scan.isError()) {
            fail(Fault.SERVER_ERROR);
        } else if (!attempt.isRightModel(scan.model())) {
            fail(Fault.WRONG_MODEL);
        } else {
            answer(data, length);
        }
    }

    private void answer(byte[] data, int length) {
        if (scan.hasUsage() || scan.finished() > 0) {
            finishSeen |= scan.finished() > 0;
            attempt.count(scan);
        }
        boolean onlyUsage = scan.hasUsage() && !scan.hasChoices();
        if (!onlyUsage || keepsUsage) {
            write(data, length);
        }
        worthShowing |= scan.hasContent() || finishSeen || out.size() > MOST_HELD_BYTES;
    }

    private void write(byte[] data, int length) {
        // Data of several lines was joined by line feeds, which are white space in JSON and would end the line here.
        for (int i = 0; i < length; i++) {
            if (data[i] == '\n') {
                data[i] = ' ';
            }
        }
        out.ascii("data: ");
        if (scan.model() != null && attempt.isRenamed()) {
            out.raw(data, 0, scan.modelFrom()).string(attempt.publicName()).raw(data, scan.modelTo(), length);
        } else {
            out.raw(data, 0, length);
        }
        out.ascii("\n\n");
    }

    private void finish() {
        if (!worthShowing) {
            fail(Fault.CUT); // an end of nothing
            return;
        }
        over = true;
        long nowNanos = attempt.now();
        show(nowNanos);
        AnswerWriter.done(out);
        output.endEvents(out);
        attempt.finished(nowNanos);
    }

    private void fail(Fault fault) {
        over = true;
        if (shown) {
            output.events(out, attempt.now()); // what came before it was sound
        }
        attempt.fail(AttemptFailure.of(fault));
    }

    @Override
    public void pause(long nowNanos) {
        if (!over && worthShowing) {
            show(nowNanos);
            output.events(out, nowNanos);
        }
    }

    private void show(long nowNanos) {
        if (!shown) {
            shown = true;
            output.beginStream(nowNanos);
            attempt.shown(nowNanos);
        }
    }

    @Override
    public void ended(long nowNanos) {
        if (!over) {
            events.finish();
        }
        if (!over) {
            // Some servers end without the mark; why the answer ended says as much.
            if (finishSeen) {
                finish();
            } else {
                fail(Fault.CUT);
            }
        }
    }
}
