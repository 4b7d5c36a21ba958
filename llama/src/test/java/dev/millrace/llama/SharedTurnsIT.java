package dev.millrace.llama;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.core.time.NanoClock;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(30)
class SharedTurnsIT {
    private static final int ROUNDS = 2_000;
    private static final long NOBODY = 0;
    private static final NanoClock STANDING = () -> 0;

    private final Set<Long> dead = ConcurrentHashMap.newKeySet();

    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path directory;

    @Test
    void onlyOneComputesAtATime() throws Exception {
        AtomicInteger computing = new AtomicInteger();
        AtomicInteger most = new AtomicInteger();
        List<Thread> threads = new ArrayList<>();
        for (long id = 1; id <= 3; id++) {
            SharedTurns turns = open(id, STANDING);
            threads.add(Thread.ofPlatform().start(() -> {
                for (int i = 0; i < ROUNDS; i++) {
                    turns.take();
                    most.accumulateAndGet(computing.incrementAndGet(), Math::max);
                    Thread.onSpinWait();
                    computing.decrementAndGet();
                    turns.leave();
                }
            }));
        }
        for (Thread thread : threads) {
            thread.join();
        }

        assertThat(most).hasValue(1);
        assertThat(computing()).isEqualTo(NOBODY);
    }

    @Test
    void whoWaitedComesBeforeWhoHasJustLeft() throws Exception {
        List<String> order = new CopyOnWriteArrayList<>();
        SharedTurns first = open(1, STANDING);
        SharedTurns second = open(2, STANDING);
        first.take();
        Thread waiting = Thread.ofPlatform().start(() -> {
            second.take();
            order.add("second");
            second.leave();
        });
        while (word(1) == NOBODY) {
            Thread.onSpinWait();
        }

        first.leave();
        first.take();
        order.add("first");

        waiting.join();
        assertThat(order).containsExactly("second", "first");
    }

    @Test
    void whatADeadProcessHeldIsFree() throws Exception {
        open(1, STANDING).take();
        SharedTurns second = open(2, STANDING);
        dead.add(1L);

        second.take();

        assertThat(computing()).isEqualTo(2);
    }

    @Test
    void aProcessThatHangsDoesNotStopTheOthersForLong() throws Exception {
        AtomicLong nanos = new AtomicLong();
        SharedTurns hanging = open(1, STANDING);
        SharedTurns other = open(2, () -> nanos.addAndGet(SharedTurns.PATIENCE_NANOS / 10));
        hanging.take();

        other.take();
        other.leave();
        long readings = nanos.get();
        other.take();
        other.leave();

        assertThat(nanos).as("waited once only").hasValue(readings);
        assertThat(computing()).as("still the turn of the one that hangs").isEqualTo(1);

        hanging.leave();
        other.take();
        assertThat(computing()).isEqualTo(2);
    }

    private SharedTurns open(long id, NanoClock clock) throws IOException {
        return SharedTurns.open(directory.resolve("turns"), id, process -> !dead.contains(process), clock);
    }

    private long computing() throws IOException {
        return word(0);
    }

    private long word(int index) throws IOException {
        byte[] file = Files.readAllBytes(directory.resolve("turns"));
        return ByteBuffer.wrap(file).order(ByteOrder.nativeOrder()).getLong(index * Long.BYTES);
    }
}
