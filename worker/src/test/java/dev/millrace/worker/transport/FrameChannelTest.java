package dev.millrace.worker.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ByteChannel;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FrameChannelTest {
    private static final int MOST = 1 << 20;

    /// What was written can be read, in pieces of at most some bytes.
    private static final class Pieces implements ByteChannel {
        private final int most;
        private final ByteArrayOutputStream written = new ByteArrayOutputStream();
        /// What was written when it was last looked at: a copy for each byte read would be most of a minute.
        private byte[] all = {};

        private int position;

        Pieces(int most) {
            this.most = most;
        }

        @Override
        public int read(ByteBuffer target) {
            if (all.length != written.size()) {
                all = written.toByteArray();
            }
            if (position == all.length) {
                return -1;
            }
            int count = Math.min(Math.min(most, target.remaining()), all.length - position);
            target.put(all, position, count);
            position += count;
            return count;
        }

        @Override
        public int write(ByteBuffer source) {
            byte[] piece = new byte[Math.min(most, source.remaining())];
            source.get(piece);
            written.writeBytes(piece);
            return piece.length;
        }

        @Override
        public boolean isOpen() {
            return true;
        }

        @Override
        public void close() {}
    }

    private static Frame frame(byte[] bytes) {
        return new Frame(bytes, bytes.length);
    }

    private static byte @Nullable [] bytes(@Nullable Frame frame) {
        return frame == null ? null : Arrays.copyOf(frame.bytes(), frame.length());
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 3, 4, 5, 1_000, 65_536, 1_000_000})
    void framesArriveWholeAndInOrderHoweverTheyAreCut(int most) throws IOException {
        SplittableRandom random = new SplittableRandom(7);
        byte[][] sent = new byte[40][];
        Pieces pieces = new Pieces(most);
        try (FrameChannel channel = new FrameChannel(pieces)) {
            for (int i = 0; i < sent.length; i++) {
                // Around the size of the buffers, too.
                sent[i] = new byte[i % 5 == 0 ? (64 << 10) - 6 + i / 5 : random.nextInt(0, 300)];
                random.nextBytes(sent[i]);
                channel.write(frame(sent[i]));
            }

            for (byte[] expected : sent) {
                assertThat(bytes(channel.read(MOST))).isEqualTo(expected);
            }
            assertThat(channel.read(MOST)).isNull();
        }
    }

    @Test
    void onlyTheBytesThatCountAreSent() throws IOException {
        try (FrameChannel channel = new FrameChannel(new Pieces(MOST))) {
            channel.write(new Frame(new byte[] {1, 2, 3}, 2));

            assertThat(bytes(channel.read(MOST))).containsExactly(1, 2);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 3, 4, 9})
    void connectionThatEndsWithinAFrameIsAnEndAndNoFrame(int length) throws IOException {
        Pieces pieces = new Pieces(MOST);
        try (FrameChannel channel = new FrameChannel(pieces)) {
            channel.write(frame(new byte[10]));
            byte[] cut = Arrays.copyOf(pieces.written.toByteArray(), length);
            pieces.written.reset();
            pieces.written.writeBytes(cut);

            assertThat(channel.read(MOST)).isNull();
        }
    }

    @Test
    void frameThatClaimsMoreThanIsAllowedIsRefusedBeforeAnythingIsKeptForIt() throws IOException {
        Pieces pieces = new Pieces(MOST);
        try (FrameChannel channel = new FrameChannel(pieces)) {
            channel.write(frame(new byte[11]));

            assertThatThrownBy(() -> channel.read(10))
                    .isInstanceOf(BrokenFrameException.class)
                    .hasMessageContaining("11 (expected: 0 to 10)");
        }
    }

    @Test
    void negativeLengthIsRefused() throws IOException {
        Pieces pieces = new Pieces(MOST);
        pieces.write(ByteBuffer.wrap(new byte[] {-1, -1, -1, -1}));
        try (FrameChannel channel = new FrameChannel(pieces)) {
            assertThatThrownBy(() -> channel.read(MOST)).isInstanceOf(BrokenFrameException.class);
        }
    }
}
