package dev.millrace.server.config;

import dev.millrace.core.ByteSize;
import java.time.Duration;

/// How much is let in. *Immutable.*
///
/// @param inFlight most requests given to engines at once
/// @param queue most requests that wait for one of these places
/// @param queueTimeout longest wait there
/// @param body largest request body
public record LimitsConfig(int inFlight, int queue, Duration queueTimeout, ByteSize body) {}
