package dev.millrace.llama;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;

class RelayThreadTest {
    @AutoClose
    private final RelayThread relay = new RelayThread("relay-test");

    @Test
    void ownerAndTaskTakeTurns() {
        List<String> seen = new ArrayList<>();

        boolean ended = relay.run(() -> {
            seen.add("task 1");
            relay.pause();
            seen.add("task 2");
            relay.pause();
            seen.add("task 3");
        });
        seen.add("owner 1");
        assertThat(ended).isFalse();
        assertThat(relay.resume()).isFalse();
        seen.add("owner 2");
        assertThat(relay.resume()).isTrue();

        assertThat(seen).containsExactly("task 1", "owner 1", "task 2", "owner 2", "task 3");
    }

    @Test
    void failureOfTheTaskIsTheOwnersAndTheThreadGoesOn() {
        assertThatThrownBy(() -> relay.run(() -> {
                    throw new IllegalStateException("broken");
                }))
                .hasMessage("broken");

        assertThat(relay.run(() -> {})).isTrue();
    }

    @Test
    void secondTaskIsRefusedWhileOneIsPaused() {
        relay.run(relay::pause);

        assertThatThrownBy(() -> relay.run(() -> {})).isInstanceOf(IllegalStateException.class);

        assertThat(relay.resume()).isTrue();
    }

    @Test
    void tasksRunOnTheThreadOfThatName() {
        List<String> names = new ArrayList<>();

        relay.run(() -> names.add(Thread.currentThread().getName()));

        assertThat(names).containsExactly("relay-test");
    }
}
