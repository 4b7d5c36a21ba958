package dev.millrace.cli.doctor;

import org.jspecify.annotations.Nullable;

/// What one look at the machine found. *Immutable.*
///
/// @param detail what is there
/// @param remedy what to do about it; `null` if nothing needs doing
record Diagnosis(
        String name, Level level, String detail, @Nullable String remedy) {
    static Diagnosis good(String name, String detail) {
        return new Diagnosis(name, Level.GOOD, detail, null);
    }

    static Diagnosis weak(String name, String detail, String remedy) {
        return new Diagnosis(name, Level.WEAK, detail, remedy);
    }

    static Diagnosis bad(String name, String detail, String remedy) {
        return new Diagnosis(name, Level.BAD, detail, remedy);
    }

    /// How serious it is.
    enum Level {
        /// As it should be.
        GOOD("✓", "ok"),
        /// Works, but slower or with less.
        WEAK("!", "warning"),
        /// Millrace does not work before this is remedied.
        BAD("✗", "failure");

        private final String mark;
        private final String word;

        Level(String mark, String word) {
            this.mark = mark;
            this.word = word;
        }

        String mark() {
            return mark;
        }

        String word() {
            return word;
        }
    }
}
