package dev.millrace.cli.chat;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.cli.chat.LineInput.LineInterruptedException;
import dev.millrace.cli.client.Question;
import dev.millrace.cli.client.ServerClient;
import dev.millrace.cli.console.Style;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Conversations with a scripted server over a real connection.
@Timeout(20)
class ChatLoopIT {
    private static final String CTRL_C = "\u0003";

    private final FakeServer server;
    private final StringWriter screen = new StringWriter();
    private final AtomicLong nanos = new AtomicLong();

    ChatLoopIT() throws IOException {
        server = new FakeServer();
    }

    @AfterEach
    void close() {
        server.close();
    }

    private String chat(LineInput input, String... first) throws InterruptedException {
        try (ServerClient client = new ServerClient(server.address())) {
            Conversation conversation = new Conversation("one", null, Question.Options.NONE);
            new ChatLoop(
                            client,
                            conversation,
                            input,
                            new PrintWriter(screen),
                            Style.PLAIN,
                            () -> nanos.addAndGet(1_000_000))
                    .run(first.length == 0 ? null : first[0]);
        }
        return screen.toString();
    }

    private static LineInput lines(String... lines) {
        return new ScriptedInput(List.of(lines));
    }

    @Test
    void anAnswerIsShownAsItArrivesAndThenItsCost() throws Exception {
        server.says("Hel", "lo", "!");

        assertThat(chat(lines("hi"))).isEqualTo("Hello!\n3 tokens · 1000 tok/s · first token 1 ms\n\n");
    }

    @Test
    void theSecondQuestionCarriesTheFirstExchange() throws Exception {
        server.says("1").says("2");

        chat(lines("a", "b"));

        assertThat(server.questions.get(1))
                .contains(
                        "\"messages\":[{\"role\":\"user\",\"content\":\"a\"},{\"role\":\"assistant\",\"content\":\"1\"},"
                                + "{\"role\":\"user\",\"content\":\"b\"}]");
    }

    @Test
    void controlCharactersOfTheModelNeverReachTheTerminal() throws Exception {
        server.says("\\u001b[2J", "\\u0007\\u009b31m");

        assertThat(chat(lines("hi"))).startsWith("␛[2J␇\ufffd31m\n").doesNotContain("\u001b", "\u0007", "\u009b");
    }

    @Test
    void ctrlCStopsTheAnswerAndNotTheProgram() throws Exception {
        server.saysForever().says("still here");
        ScriptedInput input = new ScriptedInput(List.of("go on", "and now"));
        input.interruptWhen(() -> screen.toString().contains("again again"));

        assertThat(chat(input)).contains("again again").contains("\nstopped\n").contains("still here\n");
        assertThat(server.clientLeft.await(10, TimeUnit.SECONDS))
                .as("the server sees the connection close")
                .isTrue();
    }

    @Test
    void ctrlCAtThePromptSaysHowToLeave() throws Exception {
        assertThat(chat(lines(CTRL_C))).isEqualTo("Ctrl-D or /exit leaves.\n");
    }

    @Test
    void aRefusalIsShownInWordsWithARemedy() throws Exception {
        server.refuses(
                404,
                "{\"error\":{\"message\":\"No model 'x'.\",\"type\":\"t\",\"param\":null,\"code\":\"model_not_found\"}}");

        assertThat(chat(lines("hi"))).contains("No model 'x'.\n").contains("Leave -m away");
    }

    @Test
    void anErrorInTheMiddleKeepsWhatArrived() throws Exception {
        server.answers(
                        FakeServer.delta("Half"),
                        "{\"error\":{\"message\":\"engine stopped\",\"code\":\"engine_lost\"}}")
                .says("x");

        assertThat(chat(lines("hi", "again"))).startsWith("Half\nengine stopped\n");
        assertThat(server.questions.get(1)).contains("\"content\":\"Half\"");
    }

    @Test
    void aStreamWithoutItsEndIsABrokenAnswer() throws Exception {
        server.answers(FakeServer.delta("Half"));

        assertThat(chat(lines("hi"))).contains("broke off before its end");
    }

    @Test
    void theFirstQuestionMayComeFromTheCommandLine() throws Exception {
        server.says("yes");

        assertThat(chat(lines(), "is it?")).startsWith("› is it?\nyes\n");
    }

    @Test
    void slashCommandsChangeTheConversation() throws Exception {
        server.says("1").says("2");

        String shown = chat(lines(
                "/model", "/model two", "/system Be brief.", "a", "/clear", "b", "/nonsense", "/exit", "never asked"));

        assertThat(shown).contains("* one\n  two\n").contains("Now asking two.").contains("No such command: /nonsense");
        assertThat(server.questions).hasSize(2);
        assertThat(server.questions.get(1))
                .contains("\"model\":\"two\"")
                .contains("[{\"role\":\"system\",\"content\":\"Be brief.\"},{\"role\":\"user\",\"content\":\"b\"}]");
    }

    /// Lines from a list; Ctrl-C as a line of its own, or during an answer when something is on the screen.
    private static final class ScriptedInput implements LineInput {
        private final Queue<String> lines;
        private java.util.function.@Nullable BooleanSupplier when;

        ScriptedInput(List<String> lines) {
            this.lines = new ArrayDeque<>(lines);
        }

        void interruptWhen(java.util.function.BooleanSupplier condition) {
            when = condition;
        }

        @Override
        public @Nullable String readLine(String prompt) throws LineInterruptedException {
            String line = lines.poll();
            if (CTRL_C.equals(line)) {
                throw new LineInterruptedException();
            }
            return line;
        }

        @Override
        public void onInterrupt(@Nullable Runnable action) {
            var condition = when;
            if (action != null && condition != null) {
                when = null;
                Thread.startVirtualThread(() -> {
                    while (!condition.getAsBoolean()) {
                        Thread.onSpinWait();
                    }
                    action.run();
                });
            }
        }

        @Override
        public int columns() {
            return 0;
        }

        @Override
        public void close() {}
    }
}
