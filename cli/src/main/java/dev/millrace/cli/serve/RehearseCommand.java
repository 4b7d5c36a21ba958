package dev.millrace.cli.serve;

import dev.millrace.cli.client.AnswerPart;
import dev.millrace.cli.client.AnswerStream;
import dev.millrace.cli.client.Message;
import dev.millrace.cli.client.PendingAnswer;
import dev.millrace.cli.client.Question;
import dev.millrace.cli.client.ServerClient;
import dev.millrace.cli.client.ServerRefusedException;
import dev.millrace.cli.console.CommandFailedException;
import dev.millrace.cli.console.ExitCode;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

/// `millrace rehearse`: a short life of a server and its client, from which the JVM learns what to prepare for the
/// next start. The launcher runs it; people need not.
@Command(name = "rehearse", hidden = true, header = "Practise a start, for the fast-start cache.")
public final class RehearseCommand implements Callable<Integer> {
    private static final Question.Options SHORT = new Question.Options(16, 0.0, null);
    private static final int ROUNDS = 20;

    private final OccasionalServer.Starter starter;

    public RehearseCommand(OccasionalServer.Starter starter) {
        this.starter = starter;
    }

    @Override
    public Integer call() throws Exception {
        try {
            rehearse(null);
        } catch (CommandFailedException e) {
            // Without a usable llama.cpp or model the server itself can still be practised.
            rehearse("simulated/0ms");
        }
        return ExitCode.OK.number();
    }

    private void rehearse(@org.jspecify.annotations.Nullable String model) throws Exception {
        try (OccasionalServer server = starter.start(model);
                ServerClient client = new ServerClient(server.address())) {
            client.state();
            String name = client.models().getFirst();
            for (int i = 0; i < ROUNDS; i++) {
                ask(client, new Question(name, List.of(Message.user("What is Millrace?")), SHORT));
            }
        }
    }

    private static void ask(ServerClient client, Question question)
            throws IOException, InterruptedException, ServerRefusedException {
        try (PendingAnswer pending = client.ask(question)) {
            AnswerStream answer = pending.begin();
            // Only the way there and back matters, not what is said.
            AnswerPart part;
            do {
                part = answer == null ? null : answer.next();
            } while (part != null);
        }
    }
}
