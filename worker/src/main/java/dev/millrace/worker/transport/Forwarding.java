package dev.millrace.worker.transport;

/// Carries what one request makes from the engine into frames. *Confined to the event loop*, except [#claim].
sealed interface Forwarding permits Forwarder, EmbeddingForwarder {
    /// The request's number.
    int handle();

    /// True for the first caller since the last [#forward]: it must see to it that there is a next one.
    boolean claim();

    /// The server wants no more of it.
    void cancel();

    /// The server has read `tokens` more.
    void credit(int tokens);

    /// Writes what there is and room for.
    Step forward(FrameWriter out);

    /// How far that went.
    enum Step {
        /// All that there is now, or all that the server has room for.
        WAITING,
        /// There is more, for the next frame.
        FRAME_FULL,
        /// To the end of the request.
        ENDED
    }
}
