package dev.millrace.server.config;

import dev.millrace.core.ByteSize;
import java.time.Duration;

/// How much is let in. *Immutable.*
///
/// @param inFlight most requests given to engines at once
/// @param queue most requests that wait for one of these places
/// @param queueTimeout longest wait there
/// @param body largest request body
/// @param perKey most requests of one client given to engines at once; 0 = no limit of its own
/// @param perModel most requests for one model given to engines at once; 0 = no limit of its own
/// @param queueShare most of the queue that one client may fill, in percent
public record LimitsConfig(
        int inFlight, int queue, Duration queueTimeout, ByteSize body, int perKey, int perModel, int queueShare) {
    private static final int USUAL_SHARE = 50;

    /// Limits over all, none per client or model, half of the queue for each client.
    public LimitsConfig(int inFlight, int queue, Duration queueTimeout, ByteSize body) {
        this(inFlight, queue, queueTimeout, body, 0, 0, USUAL_SHARE);
    }
}
