package dev.millrace.server.loop;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class DeadlineListTest {
    private final DeadlineList list = new DeadlineList();
    private final List<String> checked = new ArrayList<>();

    @Test
    void everyItemIsLookedAtUntilItIsRemoved() {
        var a = item("a");
        var b = item("b");
        var c = item("c");
        list.add(a);
        list.add(b);
        list.add(c);

        list.remove(b);
        list.sweep(1);

        assertThat(checked).containsExactlyInAnyOrder("a", "c");
        assertThat(list.size()).isEqualTo(2);
    }

    @Test
    void removingTwiceFirstAndLastIsHarmless() {
        var a = item("a");
        var b = item("b");
        list.add(a);
        list.add(b);

        list.remove(b);
        list.remove(b);
        list.remove(a);
        list.sweep(1);

        assertThat(checked).isEmpty();
        assertThat(list.size()).isZero();
    }

    @Test
    void itemMayRemoveOthersWhileItIsLookedAt() {
        var b = item("b");
        var a = new Deadlined() {
            @Override
            protected void run() {}

            @Override
            protected void checkDeadlines(long nowNanos) {
                checked.add("a");
                list.remove(this);
                list.remove(b);
            }

            @Override
            protected void shutDown() {}
        };
        list.add(b);
        list.add(a);

        list.sweep(1);

        assertThat(checked).containsExactly("a");
        assertThat(list.size()).isZero();
    }

    private Deadlined item(String name) {
        return new Deadlined() {
            @Override
            protected void run() {}

            @Override
            protected void checkDeadlines(long nowNanos) {
                checked.add(name);
            }

            @Override
            protected void shutDown() {}
        };
    }
}
