package dev.millrace.llama.template;

import dev.millrace.core.time.NanoClock;
import java.time.Duration;

/// What one rendering may use. *Confined to the thread that renders.*
///
/// Steps are the limit that counts: every expression, loop turn and call costs one, and work on long texts and
/// lists costs more, so a million of them is some tens of milliseconds. The time limit stands behind it for
/// what steps do not see.
final class Budget {
    static final int MAX_STEPS = 1_000_000;
    static final int MAX_OUTPUT_CHARS = 4 << 20;
    /// Characters of one intermediate text, and elements of one list.
    static final int MAX_LENGTH = MAX_OUTPUT_CHARS;
    /// Calls of macros inside macros.
    static final int MAX_DEPTH = 64;
    /// Ten times what the steps take on a warmed-up core: the first rendering runs interpreted beside a busy
    /// engine.
    static final Duration MAX_TIME = Duration.ofSeconds(1);

    private static final int STEPS_BETWEEN_CLOCK_READS = 4096;
    private static final int ELEMENTS_PER_STEP = 16;

    private final NanoClock clock;
    private final long startNanos;
    private long steps;
    private long nextClockRead = STEPS_BETWEEN_CLOCK_READS;
    private long outputChars;
    private int depth;

    Budget(NanoClock clock) {
        this.clock = clock;
        this.startNanos = clock.nanoTime();
    }

    void step() {
        steps(1);
    }

    /// Pays for work on a text or a list of `length`.
    void work(long length) {
        if (length > MAX_LENGTH) {
            throw TemplateFault.error("a text or list of " + length + " elements (expected: <= " + MAX_LENGTH + ")");
        }
        steps(1 + length / ELEMENTS_PER_STEP);
    }

    void output(int chars) {
        outputChars += chars;
        if (outputChars > MAX_OUTPUT_CHARS) {
            throw TemplateFault.error("more than " + MAX_OUTPUT_CHARS + " characters of output");
        }
        steps(1 + chars / ELEMENTS_PER_STEP / ELEMENTS_PER_STEP);
    }

    void enter() {
        depth++;
        if (depth > MAX_DEPTH) {
            throw TemplateFault.error("more than " + MAX_DEPTH + " calls inside each other");
        }
    }

    void leave() {
        depth--;
    }

    private void steps(long count) {
        steps += count;
        if (steps > MAX_STEPS) {
            throw TemplateFault.error("more than " + MAX_STEPS + " steps");
        }
        if (steps >= nextClockRead) {
            nextClockRead = steps + STEPS_BETWEEN_CLOCK_READS;
            if (clock.nanoTime() - startNanos > MAX_TIME.toNanos()) {
                throw TemplateFault.error("more than " + MAX_TIME.toMillis() + " ms");
            }
        }
    }
}
