package dev.millrace.testing.fault;

import dev.millrace.core.time.NanoClock;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/// Carries the bytes of one direction. Waits for a piece's time are reads from the source, so that latency does not
/// make the link narrower; at most 256 KiB are held. *Confined to its own thread.*
final class Pump {
    private static final int READ_BYTES = 16 << 10;
    private static final int MAX_HELD_BYTES = 256 << 10;
    private static final long MILLISECOND = 1_000_000;

    private final Bridge bridge;
    private final Socket source;
    private final Socket destination;
    private final Course course;
    private final Timetable timetable;
    private final NanoClock clock = NanoClock.SYSTEM;
    private final Deque<Piece> held = new ArrayDeque<>();
    private final byte[] buffer = new byte[READ_BYTES];
    private final InputStream in;
    private final OutputStream out;
    private int heldBytes;
    private long forwarded;
    private boolean sourceEnded;

    Pump(Bridge bridge, Socket source, Socket destination, Course course, Timetable timetable) throws IOException {
        this.bridge = bridge;
        this.source = source;
        this.destination = destination;
        this.course = course;
        this.timetable = timetable;
        this.in = source.getInputStream();
        this.out = destination.getOutputStream();
    }

    /// What a direction is subject to.
    ///
    /// @param swap of the replies; null in the direction that carries none
    record Course(Link.Limit limit, Gate gate, @Nullable ReplySwap swap, AtomicLong counter) {}

    void run() {
        try {
            while (!bridge.isLeaving() && carry()) {
                // Each turn reads, writes or waits.
            }
            if (bridge.isCut()) {
                forgetTheRest();
            }
        } catch (IOException e) {
            if (!bridge.isCut()) {
                // One side was reset: the other must see the same.
                bridge.reset();
            }
        } finally {
            bridge.pumpEnded();
        }
    }

    /// @return whether there is more to do
    private boolean carry() throws IOException {
        Piece next = held.peek();
        if (next == null) {
            return read(0);
        }
        long wait = next.dueNanos() - clock.nanoTime();
        if (wait <= 0) {
            course.gate().pass(bridge);
            return bridge.isLeaving() || forward(held.remove());
        }
        boolean full = sourceEnded || heldBytes >= MAX_HELD_BYTES;
        if (full || (wait < MILLISECOND && in.available() == 0)) {
            bridge.await(wait);
            return true;
        }
        return read(Math.clamp(wait / MILLISECOND, 1, Integer.MAX_VALUE));
    }

    /// @param millis the longest wait; 0 for no limit
    private boolean read(int millis) throws IOException {
        byte[] bytes = receive(millis);
        if (bytes == null) {
            return true;
        }
        if (bytes.length == 0) {
            sourceEnded = true;
            held.add(timetable.end(clock.nanoTime()));
            return true;
        }
        ReplySwap.Pair pair = course.swap() == null ? null : course.swap().join();
        timetable.plan(
                pair == null ? bytes : pair.exchange(whole(bytes, pair.quietMillis())), clock.nanoTime(), this::hold);
        return true;
    }

    /// Bytes, none at the end of the stream, null if the time is over.
    private byte @Nullable [] receive(int millis) throws IOException {
        source.setSoTimeout(millis);
        try {
            return Arrays.copyOf(buffer, Math.max(0, in.read(buffer)));
        } catch (SocketTimeoutException e) {
            return null;
        }
    }

    /// A reply is what comes until the source is quiet.
    private byte[] whole(byte[] begin, int quietMillis) throws IOException {
        ByteArrayOutputStream reply = new ByteArrayOutputStream();
        byte[] more = begin;
        while (more != null && more.length > 0 && reply.size() < MAX_HELD_BYTES) {
            reply.writeBytes(more);
            more = receive(quietMillis);
        }
        return reply.toByteArray();
    }

    private void hold(Piece piece) {
        held.add(piece);
        heldBytes += piece.length();
    }

    private boolean forward(Piece piece) throws IOException {
        heldBytes -= piece.length();
        if (piece.isEnd()) {
            destination.shutdownOutput();
            return false;
        }
        // A limit of no bytes is reached when the first would pass, any other behind its last.
        if (forwarded == course.limit().bytes()) {
            return atLimit();
        }
        // Counted first, so that whoever has a byte finds it counted.
        course.counter().addAndGet(piece.length());
        out.write(piece.bytes());
        forwarded += piece.length();
        return forwarded != course.limit().bytes() || atLimit();
    }

    private boolean atLimit() throws IOException {
        held.clear();
        switch (course.limit().then()) {
            case CUT -> bridge.cut();
            case RESET -> bridge.reset();
            case STALL -> bridge.stall();
            case HALF_CLOSE -> {
                destination.shutdownOutput();
                forgetTheRest();
            }
        }
        return false;
    }

    private void forgetTheRest() throws IOException {
        source.setSoTimeout(0);
        while (in.read(buffer) >= 0) {
            // What comes now was meant for a connection that is no more.
        }
    }
}
