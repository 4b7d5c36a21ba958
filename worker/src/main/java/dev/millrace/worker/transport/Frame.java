package dev.millrace.worker.transport;

/// One message: items back to back, each beginning with its kind. *Immutable* once made: whoever made the
/// bytes has given them away.
final class Frame {
    /// Largest message either end accepts: the longest request body of the server, as text, and room for
    /// the rest.
    static final int MAX_BYTES = 24 << 20;

    /// A frame that has as much is sent before more is added: vectors of one request may be larger than any frame.
    static final int FULL_BYTES = 1 << 20;

    private final byte[] bytes;
    private final int length;

    /// @param length bytes that count, from the first on
    Frame(byte[] bytes, int length) {
        this.bytes = bytes;
        this.length = length;
    }

    byte[] bytes() {
        return bytes;
    }

    int length() {
        return length;
    }
}
