package dev.millrace.llama;

import dev.millrace.core.time.NanoClock;
import java.io.IOException;
import java.nio.file.Path;
import java.util.function.LongPredicate;

/// Who may compute. llama.cpp's threads spin at barriers, so two models that compute at once on the same cores both
/// lose: each barrier of one waits for a core that the other's threads are spinning on.
///
/// Used by one engine thread, which takes a turn for each step and leaves it behind it. *Implementations are confined
/// to that thread.*
public interface Turns {
    /// Nobody else computes here.
    Turns ALONE = new Turns() {
        @Override
        public void take() {}

        @Override
        public void leave() {}
    };

    /// Turns between processes: joins those who share `file`, which is made if it is not there.
    ///
    /// @param self id of this process
    /// @param alive whether the process of an id is there
    /// @throws IOException if the file cannot be written
    static Turns between(Path file, long self, LongPredicate alive, NanoClock clock) throws IOException {
        return SharedTurns.open(file, self, alive, clock);
    }

    /// Waits for the turn, but not for ever: whoever has it may hang, and that must not stop everybody.
    void take();

    /// Lets others compute. Does nothing if the turn was not got.
    void leave();
}
