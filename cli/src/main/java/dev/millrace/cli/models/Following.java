package dev.millrace.cli.models;

import dev.millrace.cli.client.ModelView;
import dev.millrace.cli.client.ModelWatch;
import dev.millrace.cli.client.ServerClient;
import dev.millrace.cli.client.ServerRefusedException;
import dev.millrace.cli.console.Console;
import dev.millrace.cli.console.Interrupts;
import dev.millrace.cli.console.ProgressLine;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/// Follows one model of a running server until it is where a command wants it.
final class Following {
    private Following() {}

    /// Looks at each state of the model, beginning with the one it is in.
    @FunctionalInterface
    interface Look {
        /// @param line shows how far it is
        /// @return true if the model has not arrived
        boolean goesOn(ModelView view, ProgressLine line);
    }

    /// @return the state it arrived in; `null` after Ctrl-C
    static @Nullable ModelView follow(ServerClient client, Console console, String model, Look look)
            throws IOException, InterruptedException, ServerRefusedException {
        try (ModelWatch watch = client.watchModels();
                ProgressLine line = new ProgressLine(console);
                Interrupts _ = Interrupts.handle(signal -> watch.stop())) {
            for (ModelView view = watch.next(); view != null; view = watch.next()) {
                if (view.name().equals(model) && !look.goesOn(view, line)) {
                    return view;
                }
            }
            return null;
        }
    }
}
