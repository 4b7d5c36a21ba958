package dev.millrace.cli.client;

/// What is behind an address.
public sealed interface ServerState {
    /// A server that would answer now.
    record Ready() implements ServerState {}

    /// A server that says it is not ready.
    record NotReady(int status, String detail) implements ServerState {}

    /// Something that speaks HTTP, and is no Millrace.
    record Stranger(String detail) implements ServerState {}

    /// Nothing answers.
    record Silent(String reason) implements ServerState {}
}
