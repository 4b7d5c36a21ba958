package dev.millrace.models.download;

import java.time.Duration;
import java.util.function.Consumer;

/// Carries out what [RetryPolicy] decides. *Thread-safe.*
final class Retrying {
    private final RetryPolicy policy;
    private final Surroundings surroundings;
    private final Consumer<String> notes;

    /// @param notes told what a person should know about a wait
    Retrying(PullLimits limits, Surroundings surroundings, Consumer<String> notes) {
        this.policy = new RetryPolicy(limits);
        this.surroundings = surroundings;
        this.notes = notes;
    }

    /// One try.
    @FunctionalInterface
    interface Try<T> {
        T run() throws PullException, Trouble;
    }

    /// Tries until it works or the policy gives up.
    <T> T until(StopSignal stop, Try<T> action) throws PullException {
        for (int failures = 1; ; failures++) {
            try {
                return action.run();
            } catch (Trouble trouble) {
                pause(trouble, failures, stop);
            }
        }
    }

    /// Waits as long as the policy says, or throws what it says.
    void pause(Trouble trouble, int failures, StopSignal stop) throws PullException {
        stop.check();
        switch (policy.after(trouble, failures, surroundings.random().nextDouble())) {
            case RetryPolicy.Next.GiveUp(PullError error, String message) ->
                throw new PullException(error, message, trouble);
            case RetryPolicy.Next.Again(Duration wait) -> {
                notes.accept(trouble.words() + ", next try in " + Math.max(1, wait.toSeconds()) + " s");
                sleep(wait, stop);
                notes.accept("");
            }
        }
    }

    private void sleep(Duration wait, StopSignal stop) throws PullException {
        try {
            if (surroundings.pause().await(stop.latch(), wait)) {
                stop.check();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new PullException(PullError.INTERRUPTED, "interrupted", e);
        }
    }
}
