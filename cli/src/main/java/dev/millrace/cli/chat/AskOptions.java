package dev.millrace.cli.chat;

import dev.millrace.cli.client.Question;
import java.net.URI;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/// The options that `chat` and `run` share.
final class AskOptions {
    @Option(
            names = "--url",
            paramLabel = "URL",
            description =
                    "Server to talk to. Without it: the one on port 8000 if it runs, else one started for the occasion.")
    @Nullable
    URI url;

    @Option(
            names = {"-m", "--model"},
            paramLabel = "MODEL",
            description = "Model to ask; without it, the server's first one. If a server must be started, this may be"
                    + " a GGUF file.")
    @Nullable
    String model;

    @Option(
            names = "--system",
            paramLabel = "TEXT",
            description = "Instructions for the model, before the conversation.")
    @Nullable
    String system;

    @Option(names = "--max-tokens", paramLabel = "N", description = "Longest answer, in tokens.")
    @Nullable
    Integer maxTokens;

    @Option(
            names = "--temperature",
            paramLabel = "T",
            description = "0 always gives the most likely answer; 1 is lively.")
    @Nullable
    Double temperature;

    @Option(names = "--seed", paramLabel = "N", description = "The same seed gives the same answer.")
    @Nullable
    Long seed;

    Question.Options answerOptions() {
        return new Question.Options(maxTokens, temperature, seed);
    }
}
