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

@Timeout(value = 30, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class SharedCoresIT {
    private static final int ROUNDS = 2_000;
    private static final long NOBODY = 0;
    private static final NanoClock STANDING = () -> 0;

    private final Set<Long> dead = ConcurrentHashMap.newKeySet();

    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path directory;

    @Test
    void noMoreThreadsComputeThanThereAreCores() throws Exception {
        AtomicInteger computing = new AtomicInteger();
        AtomicInteger most = new AtomicInteger();
        List<Thread> threads = new ArrayList<>();
        for (int id = 1; id <= 3; id++) {
            int least = id % 2 + 1;
            SharedCores cores = open(id, STANDING);
            threads.add(Thread.ofPlatform().start(() -> {
                for (int i = 0; i < ROUNDS; i++) {
                    int taken = cores.take(least, 2);
                    most.accumulateAndGet(computing.addAndGet(taken), Math::max);
                    Thread.onSpinWait();
                    computing.addAndGet(-taken);
                    cores.leave();
                }
            }));
        }
        for (Thread thread : threads) {
            thread.join();
        }

        assertThat(most).hasValue(2);
        assertThat(holders()).containsOnly(NOBODY);
    }

    @Test
    void whoIsAloneHasAllCoresAndWhoIsNotItsShare() throws Exception {
        AtomicLong nanos = new AtomicLong();
        SharedCores first = open(1, nanos::get);
        SharedCores second = open(2, nanos::get);
        assertThat(first.take(1, 2)).as("alone").isEqualTo(2);
        AtomicInteger got = new AtomicInteger();
        Thread waiting = Thread.ofPlatform().start(() -> got.set(second.take(1, 2)));
        while (word(0) == NOBODY) {
            Thread.onSpinWait();
        }

        first.leave();

        assertThat(first.take(1, 2)).as("behind the one that waited").isEqualTo(1);
        waiting.join();
        assertThat(got).hasValue(1);
        second.leave();
        first.leave();
        assertThat(first.take(1, 2)).as("others were seen lately").isEqualTo(1);
        first.leave();
        nanos.addAndGet(SharedCores.MEMORY_NANOS + 1);
        assertThat(first.take(1, 2)).as("alone again").isEqualTo(2);
    }

    @Test
    void moreThreadsThanCoresAreLeftToWhoAskedForThemWhileItIsAlone() throws Exception {
        SharedCores first = open(1, STANDING);
        assertThat(first.take(1, 8)).isEqualTo(8);
        first.leave();
        open(2, STANDING).take(1, 1);

        assertThat(first.take(1, 8)).isEqualTo(1);
    }

    @Test
    void whoNeedsAllCoresWaitsForThem() throws Exception {
        List<String> order = new CopyOnWriteArrayList<>();
        SharedCores first = open(1, STANDING);
        SharedCores second = open(2, STANDING);
        first.take(1, 1);
        Thread waiting = Thread.ofPlatform().start(() -> {
            assertThat(second.take(2, 2)).isEqualTo(2);
            order.add("got");
        });
        while (word(0) == NOBODY) {
            Thread.onSpinWait();
        }
        order.add("left");

        first.leave();

        waiting.join();
        assertThat(order).containsExactly("left", "got");
        assertThat(holders()).containsOnly(2L);
    }

    @Test
    void whatADeadProcessHeldIsFree() throws Exception {
        open(1, STANDING).take(2, 2);
        SharedCores second = open(2, STANDING);
        dead.add(1L);

        assertThat(second.take(2, 2)).isEqualTo(2);

        assertThat(holders()).containsOnly(2L);
    }

    @Test
    void aProcessThatHangsDoesNotStopTheOthersForLong() throws Exception {
        AtomicLong nanos = new AtomicLong();
        SharedCores hanging = open(1, STANDING);
        SharedCores other = open(2, () -> nanos.addAndGet(SharedCores.PATIENCE_NANOS / 10));
        hanging.take(2, 2);

        assertThat(other.take(1, 2)).isEqualTo(2);
        other.leave();
        long patient = nanos.getAndSet(0);
        assertThat(other.take(1, 2)).isEqualTo(2);
        other.leave();

        assertThat(patient).isGreaterThan(SharedCores.PATIENCE_NANOS);
        assertThat(nanos.get()).as("waited once only").isLessThan(SharedCores.PATIENCE_NANOS);
        assertThat(holders()).as("still of the one that hangs").containsOnly(1L);

        hanging.leave();
        other.take(2, 2);
        assertThat(holders()).containsOnly(2L);
    }

    private SharedCores open(long id, NanoClock clock) throws IOException {
        return SharedCores.open(directory.resolve("cores"), 2, id, process -> !dead.contains(process), clock);
    }

    private List<Long> holders() throws IOException {
        return List.of(word(1), word(2));
    }

    private long word(int index) throws IOException {
        byte[] file = Files.readAllBytes(directory.resolve("cores"));
        return ByteBuffer.wrap(file).order(ByteOrder.nativeOrder()).getLong(index * Long.BYTES);
    }
}
