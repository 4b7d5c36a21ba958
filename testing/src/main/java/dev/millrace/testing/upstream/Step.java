package dev.millrace.testing.upstream;

import java.nio.charset.StandardCharsets;
import java.time.Duration;

/// One thing that a connection does while it answers. *Immutable.*
public sealed interface Step {
    /// Sends text as UTF-8, in one write.
    static Step send(String text) {
        return new Send(text.getBytes(StandardCharsets.UTF_8));
    }

    /// Sends bytes, in one write.
    static Step send(byte[] bytes) {
        return new Send(bytes.clone());
    }

    /// Waits; ends the scene if the client leaves meanwhile.
    static Step pause(Duration time) {
        return new Pause(time);
    }

    /// Bytes in one write.
    final class Send implements Step {
        private final byte[] bytes;

        private Send(byte[] bytes) {
            this.bytes = bytes;
        }

        byte[] bytes() {
            return bytes;
        }

        @Override
        public String toString() {
            return "send " + new String(bytes, StandardCharsets.UTF_8);
        }
    }

    /// A wait that ends the scene if the client leaves.
    record Pause(Duration time) implements Step {}

    /// What ends the scene and with it the connection.
    enum End implements Step {
        /// Holds the connection open and sends nothing until the client leaves.
        STALL,
        /// Closes in order.
        FIN,
        /// Closes by a reset.
        RESET
    }
}
