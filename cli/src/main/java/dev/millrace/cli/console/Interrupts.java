package dev.millrace.cli.console;

import java.util.function.Consumer;
import org.jline.utils.Signals;

/// Ctrl-C and SIGTERM as events, for as long as this is open. *Thread-safe.*
public final class Interrupts implements AutoCloseable {
    private static final String[] SIGNALS = {"INT", "TERM"};

    private final Object[] previous = new Object[SIGNALS.length];
    private volatile boolean happened;

    private Interrupts() {}

    /// Runs `action` on each signal, on a thread of its own, until closed. The process then does not end by itself.
    ///
    /// @param action given the signal: `INT` or `TERM`
    public static Interrupts handle(Consumer<String> action) {
        Interrupts interrupts = new Interrupts();
        for (int i = 0; i < SIGNALS.length; i++) {
            String signal = SIGNALS[i];
            interrupts.previous[i] = Signals.register(signal, () -> {
                interrupts.happened = true;
                action.accept(signal);
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
