package dev.millrace.worker.transport;

import dev.millrace.engine.EngineStatus;
import org.jspecify.annotations.Nullable;

/// Judges by a worker's answers whether it hangs: it does not answer, or it has work and gets no further.
/// *Confined to one thread*; time is
/// passed in.
///
/// A step of a large model on a slow disk takes long and is no hang, so standing still is judged against
/// the longest standstill that ended well.
final class ProgressWatch {
    /// Time between probes.
    static final long PERIOD_NANOS = 500_000_000L;

    private static final long PATIENCE_NANOS = 3_500_000_000L;
    private static final int USUAL_TIMES = 10;

    private long firstUnansweredNanos;
    private boolean unanswered;
    private long lastLookNanos;
    private boolean looked;
    private boolean computing;
    private long turns;
    private long movedNanos;
    private long longestStandNanos;

    /// A probe was sent.
    void probed(long nowNanos) {
        if (!unanswered) {
            unanswered = true;
            firstUnansweredNanos = nowNanos;
        }
    }

    /// The worker answered.
    void answered(long nowNanos, EngineStatus status) {
        unanswered = false;
        boolean nowComputing = status.computing();
        long nowTurns = status.counters().turns();
        if (nowTurns != turns || !computing || !nowComputing) {
            if (computing && nowComputing) {
                longestStandNanos = Math.max(longestStandNanos, nowNanos - movedNanos);
            }
            movedNanos = nowNanos;
        }
        computing = nowComputing;
        turns = nowTurns;
    }

    /// Looks at the clock; to be called every [#PERIOD_NANOS].
    ///
    /// @return what is wrong, for people; `null` if nothing is
    @Nullable
    String look(long nowNanos) {
        boolean late = looked && nowNanos - lastLookNanos > 3 * PERIOD_NANOS;
        looked = true;
        lastLookNanos = nowNanos;
        if (late) {
            // We were the ones who stood still: the worker gets its time again.
            firstUnansweredNanos = nowNanos;
            movedNanos = nowNanos;
            return null;
        }
        if (unanswered && nowNanos - firstUnansweredNanos > PATIENCE_NANOS) {
            return "the worker does not answer";
        }
        if (computing && nowNanos - movedNanos > Math.max(PATIENCE_NANOS, USUAL_TIMES * longestStandNanos)) {
            return "the engine has work and gets no further";
        }
        return null;
    }
}
