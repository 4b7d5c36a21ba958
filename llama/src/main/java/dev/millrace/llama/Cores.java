package dev.millrace.llama;

import dev.millrace.core.time.NanoClock;
import java.io.IOException;
import java.nio.file.Path;
import java.util.function.LongPredicate;

/// Who may compute on how many cores. llama.cpp's threads spin at barriers, so models that together have more threads
/// than there are cores all lose: each barrier of one waits for a core that another's threads are spinning on.
///
/// Used by one engine thread, which takes cores for each step and leaves them behind it. *Implementations are confined
/// to that thread.*
public interface Cores {
    /// Nobody else computes here.
    Cores ALONE = new Cores() {
        @Override
        public int take(int least, int most) {
            return most;
        }

        @Override
        public void leave() {}
    };

    /// Cores shared between processes: joins those who share `file`, which is made if it is not there.
    ///
    /// @param self id of this process
    /// @param alive whether the process of an id is there
    /// @throws IOException if the file cannot be written
    static Cores between(Path file, long self, LongPredicate alive, NanoClock clock) throws IOException {
        return SharedCores.open(file, PhysicalCores.available(), self, alive, clock);
    }

    /// Waits for cores, but not for ever: whoever has them may hang, and that must not stop everybody.
    ///
    /// @param least as many are waited for, 1..`most`
    /// @param most as many are taken if nobody else wants them
    /// @return threads to compute with, `least`..`most`
    int take(int least, int most);

    /// Lets others compute. Does nothing if no cores were got.
    void leave();
}
