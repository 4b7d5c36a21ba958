package dev.millrace.testing.fault;

import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.function.Consumer;

/// Cuts the bytes of one direction into pieces and gives each its time of leaving. Where pieces end depends on the
/// stream's offsets and the seed alone, not on how the bytes arrived; a piece that arrives in parts leaves in parts.
/// *Confined to the pump's thread.*
final class Timetable {
    private static final long SECOND = 1_000_000_000;
    private static final int MAX_PIECE = 16 << 10;

    // A narrow link lets bytes through in so many portions a second, not in bursts.
    private static final int PORTIONS = 100;

    private final Link link;
    private final SplittableRandom random;
    private final int largestPiece;
    private long offset;
    private long pieceEnd;
    private long lastDue = Long.MIN_VALUE;
    private boolean gapDue;

    Timetable(Link link, SplittableRandom random) {
        this.link = link;
        this.random = random;
        long portion = link.bytesPerSecond() == 0 ? MAX_PIECE : link.bytesPerSecond() / PORTIONS;
        this.largestPiece = Math.clamp(portion, 1, MAX_PIECE);
        this.pieceEnd = nextEnd();
    }

    /// Plans bytes that arrived now.
    void plan(byte[] bytes, long nowNanos, Consumer<Piece> pieces) {
        long arrives = nowNanos + link.latency().toNanos() + jitter();
        for (int from = 0; from < bytes.length; ) {
            int length = (int) Math.min(Math.min(bytes.length - from, largestPiece), pieceEnd - offset);
            pieces.accept(new Piece(Arrays.copyOfRange(bytes, from, from + length), due(arrives, length)));
            from += length;
            offset += length;
            if (offset == pieceEnd) {
                gapDue = true;
                pieceEnd = nextEnd();
            }
        }
    }

    /// Plans the end of the stream.
    Piece end(long nowNanos) {
        return new Piece(new byte[0], due(nowNanos + link.latency().toNanos(), 0));
    }

    private long due(long arrives, int length) {
        long free = lastDue == Long.MIN_VALUE
                ? arrives
                : lastDue + (gapDue ? link.slicing().gap().toNanos() : 0);
        long sending = link.bytesPerSecond() == 0 ? 0 : length * SECOND / link.bytesPerSecond();
        gapDue = false;
        lastDue = Math.max(arrives, free) + sending;
        return lastDue;
    }

    private long jitter() {
        long most = link.jitter().toNanos();
        return most == 0 ? 0 : random.nextLong(most);
    }

    /// Where the piece that begins at the offset ends: at the slicing's next cut or at the limit, whichever is nearer.
    private long nextEnd() {
        Link.Slicing slicing = link.slicing();
        long cut = switch (slicing.cut()) {
            case NOWHERE -> Long.MAX_VALUE;
            case EVENLY -> offset + slicing.bytes();
            case BY_CHANCE -> offset + 1 + random.nextInt(slicing.bytes());
            case AT_OFFSETS ->
                slicing.offsets().stream().filter(at -> at > offset).findFirst().orElse(Long.MAX_VALUE);
        };
        long limit = link.limit().bytes();
        return limit > offset ? Math.min(cut, limit) : cut;
    }
}
