package dev.millrace.cli.engines;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.worker.process.StartingRoom;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StartingCoreIT {
    private static final long US = ProcessHandle.current().pid();

    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path directory;

    @Test
    void allStartsTogetherTakeOneCoreUntilTheLastIsReady() throws IOException {
        StartingCore starting = new StartingCore();

        StartingRoom.Held first = starting.make(directory);
        StartingRoom.Held second = starting.make(directory);
        assertThat(holders()).containsOnlyOnce(US);

        first.giveBack();
        first.giveBack();
        assertThat(holders()).as("the second still starts").containsOnlyOnce(US);

        second.giveBack();
        assertThat(holders()).doesNotContain(US);

        starting.make(directory).giveBack();
        assertThat(holders()).doesNotContain(US);
    }

    private List<Long> holders() throws IOException {
        ByteBuffer words = ByteBuffer.wrap(Files.readAllBytes(WorkerCores.file(directory.resolve("1.sock"))))
                .order(ByteOrder.nativeOrder());
        List<Long> holders = new ArrayList<>();
        while (words.hasRemaining()) {
            holders.add(words.getLong());
        }
        return holders;
    }
}
