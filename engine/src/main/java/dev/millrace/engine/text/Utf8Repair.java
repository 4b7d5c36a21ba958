package dev.millrace.engine.text;

/// Lets whole characters through and replaces invalid bytes with U+FFFD. *Confined to the engine thread.*
///
/// The replacement rule is that of `new String(bytes, UTF_8)`: one U+FFFD for the longest beginning of a
/// character that was cut short, one for each byte that can begin none, and one for a whole encoded surrogate.
final class Utf8Repair {
    private static final int LONGEST_CHARACTER = 4;

    private final byte[] pending = new byte[LONGEST_CHARACTER];
    private int pendingCount;
    private int expected;

    /// A replacement character and one more character at most.
    private final byte[] bytes = new byte[3 + LONGEST_CHARACTER];

    private int count;

    void reset() {
        pendingCount = 0;
        count = 0;
    }

    /// Takes one byte; afterwards [#bytes] holds what became certain by it.
    void next(byte b) {
        count = 0;
        if (pendingCount > 0) {
            if (continues(b)) {
                pending[pendingCount++] = b;
                if (pendingCount == expected) {
                    complete();
                }
                return;
            }
            pendingCount = 0;
            replace();
        }
        begin(b);
    }

    /// Ends the stream; afterwards [#bytes] holds what was left.
    void end() {
        count = 0;
        if (pendingCount > 0) {
            pendingCount = 0;
            replace();
        }
    }

    byte[] bytes() {
        return bytes;
    }

    /// How many of [#bytes] the last call produced.
    int count() {
        return count;
    }

    private void begin(byte b) {
        int value = b & 0xff;
        if (value < 0x80) {
            bytes[count++] = b;
            return;
        }
        if (value < 0xc2 || value > 0xf4) {
            replace();
            return;
        }
        expected = value < 0xe0 ? 2 : value < 0xf0 ? 3 : 4;
        pending[0] = b;
        pendingCount = 1;
    }

    private boolean continues(byte b) {
        if ((b & 0xc0) != 0x80) {
            return false;
        }
        if (pendingCount > 1) {
            return true;
        }
        int second = b & 0xff;
        return switch (pending[0] & 0xff) {
            case 0xe0 -> second >= 0xa0;
            case 0xf0 -> second >= 0x90;
            case 0xf4 -> second < 0x90;
            default -> true;
        };
    }

    private void complete() {
        pendingCount = 0;
        boolean surrogate = (pending[0] & 0xff) == 0xed && (pending[1] & 0xff) >= 0xa0;
        if (surrogate) {
            replace();
            return;
        }
        System.arraycopy(pending, 0, bytes, count, expected);
        count += expected;
    }

    private void replace() {
        bytes[count++] = (byte) 0xef;
        bytes[count++] = (byte) 0xbf;
        bytes[count++] = (byte) 0xbd;
    }
}
