package dev.millrace.cli.engines;

import dev.millrace.llama.Cores;
import dev.millrace.worker.process.StartingRoom;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Takes one core from the models that answer, for all processes that start beside them. Otherwise two threads
/// of a step may come to lie on one core, where each spins until the other's turn is over: a step of 15 ms takes 200.
/// *Guarded by itself.*
final class StartingCore implements StartingRoom {
    private static final Logger LOG = LoggerFactory.getLogger(StartingCore.class);

    private @Nullable Cores cores;
    private int starting;

    @Override
    public synchronized Held make(Path directory) {
        if (starting++ == 0) {
            take(directory);
        }
        AtomicBoolean held = new AtomicBoolean(true);
        return () -> {
            if (held.getAndSet(false)) {
                leave();
            }
        };
    }

    private void take(Path directory) {
        try {
            if (cores == null) {
                cores = WorkerCores.in(directory);
            }
            cores.take(1, 1);
        } catch (IOException e) {
            LOG.warn("event=no_core_for_start reason=\"{}\"", e.getMessage());
        }
    }

    private synchronized void leave() {
        if (--starting == 0 && cores != null) {
            cores.leave();
        }
    }
}
