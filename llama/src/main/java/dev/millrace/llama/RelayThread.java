package dev.millrace.llama;

import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;

/// A thread that runs only while its owner waits for it, so that what it does can be put aside in the middle.
/// Everything but [#pause] is for the owner's thread.
final class RelayThread implements AutoCloseable {
    private final Semaphore go = new Semaphore(0);
    private final Semaphore back = new Semaphore(0);
    private final Thread thread;

    // Written by the side that runs, read by the other after the hand-over.
    private @Nullable Runnable task;
    private @Nullable Throwable failure;
    private boolean finished = true;

    RelayThread(String name) {
        thread = Thread.ofPlatform().name(name).daemon().start(this::loop);
    }

    /// Runs the task until it ends or pauses.
    ///
    /// @return true if it ended
    boolean run(Runnable next) {
        if (!finished) {
            throw new IllegalStateException("run: while another task is paused");
        }
        task = next;
        finished = false;
        return resume();
    }

    /// Goes on with the paused task until it ends or pauses again.
    ///
    /// @return true if it ended
    boolean resume() {
        go.release();
        back.acquireUninterruptibly();
        Throwable thrown = failure;
        failure = null;
        if (thrown instanceof RuntimeException e) {
            throw e;
        }
        if (thrown instanceof Error e) {
            throw e;
        }
        return finished;
    }

    /// Called by the task: lets the owner go on until it resumes the task.
    void pause() {
        back.release();
        go.acquireUninterruptibly();
    }

    private void loop() {
        while (true) {
            go.acquireUninterruptibly();
            Runnable next = task;
            if (next == null) {
                return;
            }
            try {
                next.run();
            } catch (RuntimeException | Error e) {
                failure = e;
            }
            task = null;
            finished = true;
            back.release();
        }
    }

    /// Ends the thread; no task may be paused.
    @Override
    public void close() {
        task = null;
        go.release();
        boolean interrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
