package dev.millrace.cli.chat;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.cli.client.Message;
import dev.millrace.cli.client.Question;
import org.junit.jupiter.api.Test;

class ConversationTest {
    private final Conversation conversation = new Conversation("m", "Be brief.", Question.Options.NONE);

    @Test
    void aQuestionCarriesWhatWasSaid() {
        conversation.remember("one", "1");

        assertThat(conversation.question("two").messages())
                .containsExactly(
                        Message.system("Be brief."), Message.user("one"), Message.assistant("1"), Message.user("two"));
    }

    @Test
    void aQuestionWithoutAnswerIsForgotten() {
        conversation.remember("one", "");

        assertThat(conversation.question("two").messages())
                .containsExactly(Message.system("Be brief."), Message.user("two"));
    }

    @Test
    void clearingKeepsTheInstructions() {
        conversation.remember("one", "1");

        conversation.clear();

        assertThat(conversation.question("two").messages())
                .containsExactly(Message.system("Be brief."), Message.user("two"));
    }

    @Test
    void removedInstructionsAreNotSent() {
        conversation.useSystem(null);

        assertThat(conversation.question("two").messages()).containsExactly(Message.user("two"));
    }
}
