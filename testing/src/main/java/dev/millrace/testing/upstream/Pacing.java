package dev.millrace.testing.upstream;

import java.time.Duration;

/// Where an answer waits. *Immutable.*
///
/// @param headers before the first byte
/// @param firstToken before the first word
/// @param between between the events of a stream
record Pacing(Duration headers, Duration firstToken, Duration between) {
    static final Pacing NONE = new Pacing(Duration.ZERO, Duration.ZERO, Duration.ZERO);
}
