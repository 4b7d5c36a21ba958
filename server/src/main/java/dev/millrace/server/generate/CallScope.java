package dev.millrace.server.generate;

import dev.millrace.core.time.NanoClock;
import dev.millrace.models.lifecycle.ModelPool;
import dev.millrace.server.account.CallSink;
import dev.millrace.server.admission.Admission;
import dev.millrace.server.config.TimeoutConfig;
import dev.millrace.server.loop.DeadlineList;
import dev.millrace.server.loop.LoopMailbox;
import java.time.Duration;

/// What the calls of one event loop share. The mailbox and the admission are thread-safe; the rest is confined to
/// the loop.
public record CallScope(
        LoopMailbox mailbox,
        DeadlineList deadlines,
        ModelPool models,
        Admission admission,
        CallLimits limits,
        NanoClock clock,
        CallSink sink) {
    /// The same with another place for what is to be said of a call.
    public CallScope with(CallSink other) {
        return new CallScope(mailbox, deadlines, models, admission, limits, clock, other);
    }

    /// Deadlines of a call, in nanoseconds. *Immutable.*
    public record CallLimits(
            long modelNanos,
            long queueNanos,
            long firstTokenNanos,
            long idleNanos,
            long totalNanos,
            long slowReaderNanos,
            long heartbeatNanos) {
        /// The deadlines of a configuration.
        public static CallLimits of(Duration queueTimeout, Duration modelWait, TimeoutConfig timeouts) {
            return new CallLimits(
                    modelWait.toNanos(),
                    queueTimeout.toNanos(),
                    timeouts.firstToken().toNanos(),
                    timeouts.idle().toNanos(),
                    timeouts.total().toNanos(),
                    timeouts.slowReader().toNanos(),
                    timeouts.heartbeat().toNanos());
        }
    }
}
