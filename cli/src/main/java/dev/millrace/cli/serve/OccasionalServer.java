package dev.millrace.cli.serve;

import java.net.URI;
import org.jspecify.annotations.Nullable;

/// A server for as long as one command needs it.
public interface OccasionalServer extends AutoCloseable {
    /// Where it listens.
    URI address();

    @Override
    void close();

    /// Starts one.
    interface Starter {
        /// Starts a server on a free loopback port and waits until it is ready.
        ///
        /// @param model a GGUF file or a known name; `null` for the demo model
        OccasionalServer start(@Nullable String model) throws InterruptedException;
    }
}
