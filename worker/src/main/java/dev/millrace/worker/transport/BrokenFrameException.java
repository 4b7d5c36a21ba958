package dev.millrace.worker.transport;

/// The other end sent something that is no frame of ours. The connection cannot be used any more.
final class BrokenFrameException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    BrokenFrameException(String message) {
        super(message);
    }
}
