package dev.millrace.worker.process;

import java.nio.file.Path;

/// Makes room on the machine for a process that starts while other workers answer, so that those are not slowed more
/// than they have to be. *Implementations are thread-safe.*
@FunctionalInterface
public interface StartingRoom {
    /// Whoever computes is left alone.
    StartingRoom NONE = directory -> () -> {};

    /// Makes room until it is given back; may take as long as a step of those that answer.
    ///
    /// @param directory where the sockets of all workers lie
    Held make(Path directory);

    /// Room that is taken.
    @FunctionalInterface
    interface Held {
        /// Does nothing the second time.
        void giveBack();
    }
}
