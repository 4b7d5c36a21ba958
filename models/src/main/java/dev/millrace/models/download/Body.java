package dev.millrace.models.download;

import java.io.IOException;
import java.time.Duration;

/// The bytes of a response, as its framing delimits them. *Confined to one thread.*
final class Body {
    /// How the end is known.
    enum Framing {
        LENGTH,
        CHUNKS,
        CLOSE
    }

    private static final int HEX = 16;
    private static final int MAX_CHUNK_DIGITS = 15;

    private final Wire wire;
    private final Framing framing;
    private final Duration stall;
    private long left;
    private boolean firstChunk = true;
    private boolean ended;

    private Body(Wire wire, Framing framing, long left, Duration stall) {
        this.wire = wire;
        this.framing = framing;
        this.left = left;
        this.stall = stall;
    }

    static Body of(Head head, Wire wire, Duration stall) throws IOException {
        wire.limit(stall);
        if (!head.field("transfer-encoding").isEmpty()) {
            if (!head.isChunked() || head.contentLength() >= 0) {
                throw new Trouble(Trouble.Kind.CONNECTION, "the source frames its response in an unknown way");
            }
            return new Body(wire, Framing.CHUNKS, 0, stall);
        }
        long length = head.contentLength();
        return length < 0
                ? new Body(wire, Framing.CLOSE, Long.MAX_VALUE, stall)
                : new Body(wire, Framing.LENGTH, length, stall);
    }

    Framing framing() {
        return framing;
    }

    /// Reads at least one byte; -1 at the end of the body.
    ///
    /// @throws Trouble if the connection ends before the body does
    int read(byte[] target, int length) throws IOException {
        if (framing == Framing.CHUNKS && left == 0 && !ended) {
            nextChunk();
        }
        if (ended || left == 0) {
            return -1;
        }
        int count = wire.read(target, 0, (int) Math.min(length, left));
        if (count < 0 && framing == Framing.CLOSE) {
            ended = true;
            return -1;
        }
        if (count < 0) {
            throw new Trouble(Trouble.Kind.CONNECTION, "the connection broke in the middle");
        }
        left -= count;
        return count;
    }

    private void nextChunk() throws IOException {
        long deadline = wire.now() + stall.toNanos();
        if (!firstChunk && !wire.line(deadline).isEmpty()) {
            throw badChunk();
        }
        firstChunk = false;
        String size = wire.line(deadline);
        int semicolon = size.indexOf(';');
        String digits = (semicolon < 0 ? size : size.substring(0, semicolon)).strip();
        if (digits.isEmpty()
                || digits.length() > MAX_CHUNK_DIGITS
                || !digits.chars().allMatch(c -> Character.digit(c, HEX) >= 0)) {
            throw badChunk();
        }
        left = Long.parseLong(digits, HEX);
        ended = left == 0; // trailers, if any, go with the connection
        wire.limit(stall);
    }

    private static Trouble badChunk() {
        return new Trouble(Trouble.Kind.CONNECTION, "the source sent a malformed chunk");
    }
}
