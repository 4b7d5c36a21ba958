package dev.millrace.gateway.fleet;

/// Checks of settings and accounts; messages name the value and the expectation. *Immutable.*
final class Expect {
    private Expect() {}

    static void within(String name, long value, long least, long most) {
        if (value < least || value > most) {
            throw new IllegalArgumentException(name + ": " + value + " (expected: " + least + ".." + most + ")");
        }
    }

    static void holds(boolean law, String name, Object value, Object expected) {
        if (!law) {
            throw new IllegalStateException(name + ": " + value + " (expected: " + expected + ")");
        }
    }
}
