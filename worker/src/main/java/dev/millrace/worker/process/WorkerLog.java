package dev.millrace.worker.process;

import dev.millrace.core.id.ModelId;
import dev.millrace.core.time.NanoClock;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/// Forwards what a worker writes to the server's log, with the model's name. Long lines are cut and floods
/// are counted instead of written;
/// the pipe is always emptied, so that a worker never blocks on its own log. *Confined to its thread.*
final class WorkerLog implements Runnable {
    private static final Logger LOG = LoggerFactory.getLogger(WorkerLog.class);
    private static final int MAX_LINE_BYTES = 4096;
    private static final int MAX_LINES_PER_SECOND = 100;
    private static final long SECOND_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final ModelId model;
    private final InputStream in;
    private final NanoClock clock;
    private final ByteArrayOutputStream line = new ByteArrayOutputStream();
    private long secondBeganNanos;
    private int linesThisSecond;
    private long dropped;

    WorkerLog(ModelId model, InputStream in, NanoClock clock) {
        this.model = model;
        this.in = new BufferedInputStream(in);
        this.clock = clock;
    }

    @Override
    public void run() {
        secondBeganNanos = clock.nanoTime();
        try (in) {
            for (int next = in.read(); next >= 0; next = in.read()) {
                if (next == '\n') {
                    lineEnded();
                } else if (line.size() < MAX_LINE_BYTES) {
                    line.write(next);
                }
            }
        } catch (IOException e) {
            LOG.debug("event=worker_log_closed model={}", model, e);
        }
        lineEnded();
        reportDropped();
    }

    private void lineEnded() {
        if (line.size() == 0) {
            return;
        }
        long nowNanos = clock.nanoTime();
        if (nowNanos - secondBeganNanos >= SECOND_NANOS) {
            reportDropped();
            secondBeganNanos = nowNanos;
            linesThisSecond = 0;
        }
        if (linesThisSecond < MAX_LINES_PER_SECOND) {
            linesThisSecond++;
            forward(line.toString(StandardCharsets.UTF_8));
        } else {
            dropped++;
        }
        line.reset();
    }

    /// A line begins with its level, as the worker's own log writes it; anything else comes from native code.
    private void forward(String text) {
        int blank = text.indexOf(' ');
        String first = blank < 0 ? "" : text.substring(0, blank);
        for (Level level : Level.values()) {
            if (level.name().equals(first)) {
                write(level, text.substring(blank + 1));
                return;
            }
        }
        write(Level.INFO, text);
    }

    private void write(Level level, String text) {
        LOG.atLevel(level).log("event=worker_log model={} text=\"{}\"", model, printable(text));
    }

    private void reportDropped() {
        if (dropped > 0) {
            LOG.warn("event=worker_log_flood model={} dropped_lines={}", model, dropped);
            dropped = 0;
        }
    }

    /// One event is one line, whatever is in it.
    private static String printable(String text) {
        return text.strip().replaceAll("\\p{Cntrl}", "?").replace('"', '\'');
    }
}
