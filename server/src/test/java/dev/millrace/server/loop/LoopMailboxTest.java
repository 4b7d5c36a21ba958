package dev.millrace.server.loop;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class LoopMailboxTest {
    private final List<Runnable> scheduled = new ArrayList<>();
    private final List<String> ran = new ArrayList<>();
    private boolean onLoop;
    private final LoopMailbox mailbox = new LoopMailbox(scheduled::add, () -> onLoop);

    @Test
    void manyTasksShareOneTurnOfTheLoopInTheirOrder() {
        mailbox.post(task("a"));
        mailbox.post(task("b"));
        mailbox.post(task("c"));

        assertThat(scheduled).hasSize(1);
        scheduled.removeFirst().run();
        assertThat(ran).containsExactly("a", "b", "c");
    }

    @Test
    void taskThatIsPostedTwiceRunsOnceAndMayBePostedAgainAfterwards() {
        LoopTask task = task("a");

        mailbox.post(task);
        mailbox.post(task);
        scheduled.removeFirst().run();
        assertThat(ran).containsExactly("a");

        mailbox.post(task);
        scheduled.removeFirst().run();
        assertThat(ran).containsExactly("a", "a");
    }

    @Test
    void taskPostedWhileTheLoopDrainsGetsAnotherTurn() {
        LoopTask second = task("second");
        mailbox.post(new LoopTask() {
            @Override
            protected void run() {
                ran.add("first");
                mailbox.postLater(second);
            }
        });

        scheduled.removeFirst().run();
        assertThat(ran).containsExactly("first");
        scheduled.removeFirst().run();
        assertThat(ran).containsExactly("first", "second");
    }

    @Test
    void callerOnTheLoopRunsItsTaskAtOnce() {
        onLoop = true;

        mailbox.post(task("a"));

        assertThat(ran).containsExactly("a");
        assertThat(scheduled).isEmpty();
    }

    private LoopTask task(String name) {
        return new LoopTask() {
            @Override
            protected void run() {
                ran.add(name);
            }
        };
    }
}
