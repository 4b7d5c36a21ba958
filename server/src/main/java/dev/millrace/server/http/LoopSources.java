package dev.millrace.server.http;

import java.time.InstantSource;
import java.util.random.RandomGenerator;

/// Wall time and randomness of one event loop.
///
/// @param random used by this loop only
public record LoopSources(InstantSource wallClock, RandomGenerator random) {}
