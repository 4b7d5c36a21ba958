package dev.millrace.cli.chat;

import dev.millrace.cli.client.Message;
import dev.millrace.cli.client.Question;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What has been said so far, and to whom the next question goes. *Confined to one thread.*
final class Conversation {
    private final List<Message> messages = new ArrayList<>();
    private final Question.Options options;
    private String model;
    private @Nullable String system;

    Conversation(String model, @Nullable String system, Question.Options options) {
        this.model = model;
        this.system = system;
        this.options = options;
    }

    String model() {
        return model;
    }

    /// The next questions go to another model; what was said stays.
    void useModel(String name) {
        model = name;
    }

    @Nullable
    String system() {
        return system;
    }

    /// Other instructions from now on; `null` for none.
    void useSystem(@Nullable String text) {
        system = text;
    }

    /// Forgets what was said; the instructions stay.
    void clear() {
        messages.clear();
    }

    /// Number of questions and answers remembered.
    int size() {
        return messages.size();
    }

    /// The question that `text` would be now.
    Question question(String text) {
        List<Message> all = new ArrayList<>();
        if (system != null) {
            all.add(Message.system(system));
        }
        all.addAll(messages);
        all.add(Message.user(text));
        return new Question(model, all, options);
    }

    /// Remembers an exchange. A question without any answer is forgotten, so that it can be asked again.
    void remember(String question, String answer) {
        if (!answer.isEmpty()) {
            messages.add(Message.user(question));
            messages.add(Message.assistant(answer));
        }
    }
}
