package dev.millrace.llama;

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

    /// Waits for the turn, but not for ever: whoever has it may hang, and that must not stop everybody.
    void take();

    /// Lets others compute. Does nothing if the turn was not got.
    void leave();
}
