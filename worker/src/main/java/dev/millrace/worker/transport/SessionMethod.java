package dev.millrace.worker.transport;

import io.grpc.Drainable;
import io.grpc.KnownLength;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;

/// The one gRPC method of a worker: a session, from the order to load until the end of the process.
final class SessionMethod {
    static final String SERVICE = "millrace.Worker";

    /// Carries the secret of this start, so that nobody else who could open the socket is let in.
    static final Metadata.Key<String> SECRET = Metadata.Key.of("millrace-secret", Metadata.ASCII_STRING_MARSHALLER);

    static final MethodDescriptor<Frame, Frame> SESSION = MethodDescriptor.<Frame, Frame>newBuilder()
            .setType(MethodDescriptor.MethodType.BIDI_STREAMING)
            .setFullMethodName(MethodDescriptor.generateFullMethodName(SERVICE, "Session"))
            .setRequestMarshaller(new FrameMarshaller())
            .setResponseMarshaller(new FrameMarshaller())
            .build();

    private SessionMethod() {}

    private static final class FrameMarshaller implements MethodDescriptor.Marshaller<Frame> {
        @Override
        public InputStream stream(Frame frame) {
            return new FrameStream(frame);
        }

        @Override
        public Frame parse(InputStream stream) {
            try {
                byte[] bytes = stream.readAllBytes();
                return new Frame(bytes, bytes.length);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    /// Lets gRPC copy the bytes once, into its own buffer.
    private static final class FrameStream extends ByteArrayInputStream implements KnownLength, Drainable {
        FrameStream(Frame frame) {
            super(frame.bytes(), 0, frame.length());
        }

        @Override
        public int drainTo(OutputStream target) throws IOException {
            int count = available();
            target.write(buf, pos, count);
            pos += count;
            return count;
        }
    }
}
