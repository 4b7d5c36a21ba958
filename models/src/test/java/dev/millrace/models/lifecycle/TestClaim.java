package dev.millrace.models.lifecycle;

import dev.millrace.core.error.ErrorCode;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// A request that notes each answer it gets. *Thread-safe.*
final class TestClaim implements Claim {
    private final BlockingQueue<Answer> answers = new LinkedBlockingQueue<>();

    /// A lease, or why there is none.
    record Answer(
            @Nullable Lease lease,
            @Nullable ErrorCode code,
            @Nullable String message) {}

    @Override
    public void granted(Lease lease) {
        answers.add(new Answer(lease, null, null));
    }

    @Override
    public void refused(ErrorCode code, String message, @Nullable Duration retryAfter) {
        answers.add(new Answer(null, code, message));
    }

    /// The answer, within a patient time.
    Answer answer() throws InterruptedException {
        Answer answer = answers.poll(TestMachine.PATIENCE_SECONDS, TimeUnit.SECONDS);
        if (answer == null) {
            throw new AssertionError("no answer");
        }
        return answer;
    }

    Lease lease() throws InterruptedException {
        Answer answer = answer();
        Lease lease = answer.lease();
        if (lease == null) {
            throw new AssertionError("refused: " + answer.message());
        }
        return lease;
    }

    @Nullable
    ErrorCode refusal() throws InterruptedException {
        return answer().code();
    }

    /// True if there is no answer that [#answer] did not take.
    boolean isUntold() {
        return answers.isEmpty();
    }
}
