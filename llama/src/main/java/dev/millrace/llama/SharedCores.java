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

/// Cores shared between processes by words in a file that all have mapped: who is next, and who has each core. Taking
/// what nobody else wants is a few reads and compare-and-sets; nothing is allocated. *Confined to one thread.*
///
/// Only who is next may take cores, so nobody ends with half of what it needs while another has the other
/// half; and who has just left comes behind who waits. As long as others were seen lately, each takes its
/// share of the cores and not more: on two cores two models run side by side on one thread each, which is
/// faster than one behind the other on two.
///
/// What a process that died has left behind is taken from it. If nothing moves for [#PATIENCE_NANOS], somebody has
/// stopped or hangs: then others compute without asking until it leaves or is gone.
final class SharedCores implements Cores {
    /// Longer than any step that is planned: 500 ms alone, 100 ms beside others.
    static final long PATIENCE_NANOS = TimeUnit.MILLISECONDS.toNanos(1_000);
    /// How long others count after they were seen. Between two steps of theirs there are only microseconds.
    static final long MEMORY_NANOS = TimeUnit.MILLISECONDS.toNanos(200);

    private static final long LOOK_NANOS = TimeUnit.MICROSECONDS.toNanos(50);
    // Asking the system about a process is a hundred times a look.
    private static final int LOOKS_PER_SEARCH = 200;
    private static final int NEXT = 0;
    private static final long NOBODY = 0;
    private static final VarHandle WORDS = MethodHandles.byteBufferViewVarHandle(long[].class, ByteOrder.nativeOrder());

    private final ByteBuffer words;
    private final int cores;
    private final long self;
    private final LongPredicate alive;
    private final NanoClock clock;
    private boolean impatient;
    private int rivals;
    private long rivalsNanos;

    private SharedCores(ByteBuffer words, int cores, long self, LongPredicate alive, NanoClock clock) {
        this.words = words;
        this.cores = cores;
        this.self = self;
        this.alive = alive;
        this.clock = clock;
    }

    static SharedCores open(Path file, int cores, long self, LongPredicate alive, NanoClock clock) throws IOException {
        try (FileChannel channel =
                FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            ByteBuffer words = channel.map(MapMode.READ_WRITE, 0, (1L + cores) * Long.BYTES);
            return new SharedCores(words, cores, self, alive, clock);
        }
    }

    @Override
    public int take(int least, int most) {
        int needed = Math.min(least, cores);
        long startNanos = clock.nanoTime();
        boolean next = swap(NEXT, NOBODY, self);
        if (!next) {
            saw(1, startNanos);
            next = !impatient && await(startNanos, () -> swap(NEXT, NOBODY, self));
        }
        int holders = next ? holders() : 0;
        if (holders > 0) {
            saw(holders, startNanos);
        }
        boolean enough = next && (free() >= needed || (!impatient && await(startNanos, () -> free() >= needed)));
        int taken = enough ? claim(Math.min(most, Math.max(needed, share(startNanos)))) : 0;
        if (next) {
            set(NEXT, NOBODY);
        }
        impatient = !enough;
        // Whoever asked for more threads than there are cores has them while nobody else is slowed.
        return enough && taken < cores ? taken : most;
    }

    /// As many cores as are ours while others compute, too.
    private int share(long nowNanos) {
        if (rivals > 0 && nowNanos - rivalsNanos > MEMORY_NANOS) {
            rivals = 0;
        }
        return Math.max(1, cores / (1 + rivals));
    }

    private void saw(int others, long nowNanos) {
        rivals = nowNanos - rivalsNanos > MEMORY_NANOS ? others : Math.max(rivals, others);
        rivalsNanos = nowNanos;
    }

    /// Others that have a core now.
    private int holders() {
        int count = 0;
        for (int core = 1; core <= cores; core++) {
            long holder = get(core);
            boolean other = holder != NOBODY && holder != self;
            for (int before = 1; before < core && other; before++) {
                other = get(before) != holder;
            }
            count += other ? 1 : 0;
        }
        return count;
    }

    private int free() {
        int count = 0;
        for (int core = 1; core <= cores; core++) {
            count += get(core) == NOBODY ? 1 : 0;
        }
        return count;
    }

    private int claim(int wanted) {
        int count = 0;
        for (int core = 1; core <= cores && count < wanted; core++) {
            count += swap(core, NOBODY, self) ? 1 : 0;
        }
        return count;
    }

    private interface Condition {
        boolean holds();
    }

    /// True once the condition holds, false if patience has run out.
    private boolean await(long startNanos, Condition condition) {
        for (int looks = 1; clock.nanoTime() - startNanos < PATIENCE_NANOS; looks++) {
            if (condition.holds()) {
                return true;
            }
            if (looks % LOOKS_PER_SEARCH == 0) {
                for (int word = NEXT; word <= cores; word++) {
                    bury(word);
                }
            }
            LockSupport.parkNanos(LOOK_NANOS);
        }
        return false;
    }

    /// Takes from the dead what they cannot give back.
    private void bury(int word) {
        long holder = get(word);
        if (holder != NOBODY && holder != self && !alive.test(holder)) {
            swap(word, holder, NOBODY);
        }
    }

    @Override
    public void leave() {
        for (int core = 1; core <= cores; core++) {
            swap(core, self, NOBODY);
        }
    }

    private long get(int word) {
        return (long) WORDS.getVolatile(words, word * Long.BYTES);
    }

    private void set(int word, long value) {
        WORDS.setVolatile(words, word * Long.BYTES, value);
    }

    private boolean swap(int word, long from, long to) {
        return WORDS.compareAndSet(words, word * Long.BYTES, from, to);
    }
}
