package dev.millrace.llama;

import dev.millrace.core.time.NanoClock;
import java.io.IOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongPredicate;

/// Turns between processes, in two words of a file that all have mapped: who computes, and who is next. Taking a turn
/// that nobody else wants is two reads and a compare-and-set; nothing is allocated. *Confined to one thread.*
///
/// Being next is taken before the turn and given up with it, so that two processes alternate. What a process that died
/// has left behind is taken from it. One that holds its turn for longer than [#PATIENCE_NANOS] has stopped or hangs:
/// the others then compute without a turn until it leaves or is gone.
final class SharedTurns implements Turns {
    /// Longer than any step that is planned: 500 ms alone, 100 ms beside others.
    static final long PATIENCE_NANOS = TimeUnit.MILLISECONDS.toNanos(1_000);

    private static final long LOOK_NANOS = TimeUnit.MICROSECONDS.toNanos(50);
    // Asking the system about a process is a hundred times a look.
    private static final int LOOKS_PER_SEARCH = 200;
    private static final int BYTES = 2 * Long.BYTES;
    private static final int COMPUTING = 0;
    private static final int NEXT = Long.BYTES;
    private static final long NOBODY = 0;
    private static final VarHandle WORDS = MethodHandles.byteBufferViewVarHandle(long[].class, ByteOrder.nativeOrder());

    private final ByteBuffer words;
    private final long self;
    private final LongPredicate alive;
    private final NanoClock clock;
    private boolean mine;
    private boolean impatient;

    private SharedTurns(ByteBuffer words, long self, LongPredicate alive, NanoClock clock) {
        this.words = words;
        this.self = self;
        this.alive = alive;
        this.clock = clock;
    }

    static SharedTurns open(Path file, long self, LongPredicate alive, NanoClock clock) throws IOException {
        try (FileChannel channel =
                FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            return new SharedTurns(channel.map(MapMode.READ_WRITE, 0, BYTES), self, alive, clock);
        }
    }

    @Override
    public void take() {
        if (free(NEXT) && swap(COMPUTING, NOBODY, self)) {
            mine = true;
            impatient = false;
        } else if (!impatient) {
            mine = await();
            impatient = !mine;
        }
    }

    /// True if it is our turn now, false if patience has run out.
    private boolean await() {
        long startNanos = clock.nanoTime();
        boolean next = false;
        for (int looks = 1; clock.nanoTime() - startNanos < PATIENCE_NANOS; looks++) {
            next = next || swap(NEXT, NOBODY, self);
            if (next && swap(COMPUTING, NOBODY, self)) {
                WORDS.setVolatile(words, NEXT, NOBODY);
                return true;
            }
            if (looks % LOOKS_PER_SEARCH == 0) {
                bury(COMPUTING);
                bury(NEXT);
            }
            LockSupport.parkNanos(LOOK_NANOS);
        }
        if (next) {
            WORDS.setVolatile(words, NEXT, NOBODY);
        }
        return false;
    }

    /// Takes from the dead what they cannot give back.
    private void bury(int word) {
        long holder = (long) WORDS.getVolatile(words, word);
        if (holder != NOBODY && holder != self && !alive.test(holder)) {
            swap(word, holder, NOBODY);
        }
    }

    private boolean free(int word) {
        return (long) WORDS.getVolatile(words, word) == NOBODY;
    }

    private boolean swap(int word, long from, long to) {
        return WORDS.compareAndSet(words, word, from, to);
    }

    @Override
    public void leave() {
        if (mine) {
            mine = false;
            WORDS.setVolatile(words, COMPUTING, NOBODY);
        }
    }
}
