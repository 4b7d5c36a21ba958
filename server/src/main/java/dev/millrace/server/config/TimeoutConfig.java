package dev.millrace.server.config;

import java.time.Duration;

/// How long things may take. *Immutable.*
///
/// @param header from a request's first byte to the end of its head
/// @param connection connection without a request in progress
/// @param firstToken from the engine's acceptance to the first token
/// @param idle between two tokens
/// @param total from arrival to the last byte
/// @param slowReader a client takes nothing of its stream
/// @param heartbeat silence on a stream after which a comment is sent
/// @param drain for running requests when the server stops
/// @param lameDuck new requests are still taken after readiness went false
public record TimeoutConfig(
        Duration header,
        Duration connection,
        Duration firstToken,
        Duration idle,
        Duration total,
        Duration slowReader,
        Duration heartbeat,
        Duration drain,
        Duration lameDuck) {}
