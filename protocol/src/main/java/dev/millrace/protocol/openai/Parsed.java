package dev.millrace.protocol.openai;

/// How reading a request ended.
public sealed interface Parsed<T> {
    /// The request is well-formed and within all limits.
    record Ok<T>(T request) implements Parsed<T> {}

    /// It is not; the error says why.
    record Refused<T>(ApiError error) implements Parsed<T> {}
}
