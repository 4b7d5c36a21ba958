package dev.millrace.server.loop;

import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/// The way into an event loop for engine threads: a lock-free stack of tasks and one scheduled drain for all of
/// them. An engine that finishes a step for a hundred streams costs the loop one task, not a hundred.
/// *Thread-safe.*
public final class LoopMailbox {
    private final Executor loop;
    private final BooleanSupplier onLoop;
    private final AtomicReference<@Nullable LoopTask> stack = new AtomicReference<>();

    /// @param loop runs something on the event loop
    /// @param onLoop true if the caller is on it
    public LoopMailbox(Executor loop, BooleanSupplier onLoop) {
        this.loop = loop;
        this.onLoop = onLoop;
    }

    /// Makes `task` run on the loop: at once if the caller is on it, else soon.
    public void post(LoopTask task) {
        if (onLoop.getAsBoolean()) {
            task.run();
        } else if (task.claim()) {
            push(task);
        }
    }

    /// Makes `task` run on the loop soon, never from within this call.
    public void postLater(LoopTask task) {
        if (task.claim()) {
            push(task);
        }
    }

    private void push(LoopTask task) {
        LoopTask head;
        do {
            head = stack.get();
            task.next = head;
        } while (!stack.compareAndSet(head, task));
        if (head == null) {
            loop.execute(this::drain);
        }
    }

    private void drain() {
        LoopTask task = oldestFirst(stack.getAndSet(null));
        while (task != null) {
            LoopTask following = task.next;
            task.next = null;
            task.runOnce();
            task = following;
        }
    }

    private static @Nullable LoopTask oldestFirst(@Nullable LoopTask newest) {
        LoopTask reversed = null;
        LoopTask task = newest;
        while (task != null) {
            LoopTask following = task.next;
            task.next = reversed;
            reversed = task;
            task = following;
        }
        return reversed;
    }
}
