package dev.millrace.engine.batch;

/// The backend cannot go on: everything in it is lost, and the engine ends.
final class EngineLostException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    EngineLostException(String message) {
        super(message);
    }
}
