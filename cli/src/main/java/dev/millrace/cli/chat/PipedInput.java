package dev.millrace.cli.chat;

import dev.millrace.cli.console.Interrupts;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/// Lines from a pipe or a file: no prompt, no editing.
final class PipedInput implements LineInput {
    private final BufferedReader lines;
    private @Nullable Interrupts interrupts;

    PipedInput(InputStream in) {
        lines = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8));
    }

    @Override
    public @Nullable String readLine(String prompt) {
        try {
            return lines.readLine();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void onInterrupt(@Nullable Runnable action) {
        if (interrupts != null) {
            interrupts.close();
        }
        interrupts = action == null ? null : Interrupts.handle(signal -> action.run());
    }

    @Override
    public int columns() {
        return 0;
    }

    @Override
    public void close() {
        onInterrupt(null);
    }
}
