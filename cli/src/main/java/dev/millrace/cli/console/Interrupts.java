package dev.millrace.cli.console;

import org.jline.utils.Signals;

/// Ctrl-C and SIGTERM as events, for as long as this is open. *Thread-safe.*
public final class Interrupts implements AutoCloseable {
    private static final String[] SIGNALS = {"INT", "TERM"};

    private final Object[] previous = new Object[SIGNALS.length];
    private volatile boolean happened;

    private Interrupts() {}

    /// Runs `action` on each signal, on a thread of its own, until closed. The process then does not end by itself.
    public static Interrupts handle(Runnable action) {
        Interrupts interrupts = new Interrupts();
        for (int i = 0; i < SIGNALS.length; i++) {
            interrupts.previous[i] = Signals.register(SIGNALS[i], () -> {
                interrupts.happened = true;
                action.run();
            });
        }
        return interrupts;
    }

    /// True once a signal has come.
    public boolean happened() {
        return happened;
    }

    @Override
    public void close() {
        for (int i = 0; i < SIGNALS.length; i++) {
            Signals.unregister(SIGNALS[i], previous[i]);
        }
    }
}
