package dev.millrace.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.millrace.cli.console.CommandFailedException;
import dev.millrace.cli.console.Console;
import dev.millrace.cli.console.ExitCode;
import dev.millrace.cli.console.Places;
import dev.millrace.cli.console.Style;
import dev.millrace.cli.engines.ModelFile;
import dev.millrace.core.id.ModelId;
import dev.millrace.models.catalogue.Catalogue;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// `list`, `show`, `rm` and `import` as a person and a script see them, with the built-in model for every file.
class ModelCommandsIT {
    private static final Path DEMO = Path.of("target", "dist", "models", "millrace-demo.gguf");

    @TempDir
    Path home;

    private Path data;
    private Path file;
    private String out = "";
    private String err = "";

    @BeforeEach
    void aModelOfLmStudio() throws IOException {
        data = home.resolve("data");
        file = home.resolve(".lmstudio/models/maker/repo/tiny-F32.gguf");
        Files.createDirectories(file.getParent());
        Files.copy(DEMO, file);
    }

    private int run(String... args) {
        return answering(null, args);
    }

    /// @param answer what a person types; null without a terminal
    private int answering(@Nullable String answer, String... args) {
        ByteArrayOutputStream outBytes = new ByteArrayOutputStream();
        ByteArrayOutputStream errBytes = new ByteArrayOutputStream();
        Console console = new Console(
                new ByteArrayInputStream((answer == null ? "" : answer).getBytes(StandardCharsets.UTF_8)),
                new PrintStream(outBytes, true, StandardCharsets.UTF_8),
                new PrintStream(errBytes, true, StandardCharsets.UTF_8),
                Map.of("MILLRACE_HOME", data.toString(), "HOME", home.toString(), "OLLAMA_MODELS", home + "/ollama"),
                new Console.Terminals(answer != null, false, false),
                Style.PLAIN);
        int status = Millrace.execute(console, args);
        out = outBytes.toString(StandardCharsets.UTF_8);
        err = errBytes.toString(StandardCharsets.UTF_8);
        return status;
    }

    private JsonNode json(String... args) throws IOException {
        assertThat(run(args)).isZero();
        return new ObjectMapper().readTree(out);
    }

    @Test
    void theBuiltInModelIsListedWithAHintAndNothingIsWritten() {
        assertThat(run("list")).isZero();

        assertThat(out).containsPattern("NAME +PARAMETERS").contains("millrace-demo", "built in", "millrace import");
        assertThat(err).isEmpty();
        assertThat(data).doesNotExist();
    }

    @Test
    void aDryRunWritesNothing() {
        assertThat(run("import", "--dry-run")).isZero();

        assertThat(out).contains("+ maker/tiny-F32", "1 would be added.");
        assertThat(data).doesNotExist();
    }

    @Test
    void anImportIsListedAndASecondOneSaysSo() throws IOException {
        assertThat(run("import")).isZero();
        assertThat(out).contains("1 added.");
        assertThat(run("import")).isZero();
        assertThat(out).contains("= maker/tiny-F32", "1 already there.");

        JsonNode model = json("list", "--json").path("models").get(0);
        assertThat(model.path("name").asText()).isEqualTo("maker/tiny-F32");
        assertThat(model.path("residence").asText()).isEqualTo("in_place");
        assertThat(model.path("origin").asText()).isEqualTo("LM Studio");
        assertThat(model.path("parameters").asLong()).isPositive();
        assertThat(model.path("size_bytes").asLong()).isEqualTo(Files.size(DEMO));
        assertThat(model.path("problem").isNull()).isTrue();
        assertThat(model.at("/files/0/path").asText()).isEqualTo(file.toString());
    }

    @Test
    void anImportForProgramsSaysWhatBecameOfEach() throws IOException {
        Files.writeString(file.resolveSibling("broken.gguf"), "GGUF");

        JsonNode root = json("import", "--json", "--from", "lmstudio");

        assertThat(root.at("/searched/0/exists").asBoolean()).isTrue();
        assertThat(root.at("/models/0/status").asText()).isEqualTo("skipped");
        assertThat(root.at("/models/0/detail").asText()).startsWith("GGUF file cut short");
        assertThat(root.at("/models/1/status").asText()).isEqualTo("added");
    }

    @Test
    void oneFileCanBeGivenAName() {
        assertThat(run("import", "--from", file.toString(), "--name", "my/own:f32"))
                .isZero();
        assertThat(run("show", "my/own:f32")).isZero();
        assertThat(out).contains("used in place", file.toString(), "chat template");

        assertThat(run("import", "--from", file.toString(), "--name", "../x")).isEqualTo(ExitCode.USAGE.number());
        assertThat(err).contains("cannot be a model's name");
        assertThat(run("import", "--from", home + "/none")).isEqualTo(ExitCode.USAGE.number());
        assertThat(err).contains("there is no").contains("ollama, lmstudio, huggingface");
    }

    @Test
    void verifyingSaysWhetherAFileChanged() throws IOException {
        run("import");
        assertThat(run("show", "--verify", "maker/tiny-F32")).isZero();
        assertThat(out).contains("nothing to compare with, sha256 ");

        Files.writeString(file, "swapped");

        assertThat(run("show", "--verify", "maker/tiny-F32")).isEqualTo(ExitCode.FAILED.number());
        assertThat(out).contains("was changed after it was added");
        assertThat(json("show", "--json", "maker/tiny-F32").path("problem").asText())
                .contains("was changed");
    }

    @Test
    void theTemplateAloneIsWhatIsInTheFile() {
        assertThat(run("show", "--template", "millrace-demo")).isZero();

        assertThat(out).contains("{%").doesNotContain("architecture");
    }

    @Test
    void whatIsNotThereIsSaidWithARemedy() {
        assertThat(run("show", "nothing")).isEqualTo(ExitCode.MODEL.number());
        assertThat(err).contains("no model 'nothing'", "millrace list");
        assertThat(run("rm", "--yes", "../../etc/passwd")).isEqualTo(ExitCode.MODEL.number());
    }

    @Test
    void removingAsksFirst() {
        run("import");

        assertThat(run("rm", "maker/tiny-F32")).isEqualTo(ExitCode.USAGE.number());
        assertThat(err).contains("Add --yes");
        assertThat(answering("n\n", "rm", "maker/tiny-F32")).isEqualTo(ExitCode.FAILED.number());
        assertThat(answering("y\n", "rm", "maker/tiny-F32")).isZero();
        assertThat(out).contains("Took maker/tiny-F32 off the list", file.toString());
        assertThat(file).exists();
        assertThat(run("rm", "--yes", "maker/tiny-F32")).isEqualTo(ExitCode.MODEL.number());
    }

    @Test
    void theBuiltInModelAndFilesPutThereByHandStay() throws IOException {
        Path own = Files.createDirectories(data.resolve("models")).resolve("own.gguf");
        Files.copy(DEMO, own);

        assertThat(run("rm", "--yes", "millrace-demo")).isEqualTo(ExitCode.USAGE.number());
        assertThat(err).contains("built in");
        assertThat(run("rm", "--yes", "own")).isEqualTo(ExitCode.USAGE.number());
        assertThat(err).contains(own.toString());
        assertThat(own).exists();
    }

    @Test
    void aliasesAreGivenShownAndTakenAway() throws IOException {
        run("import");

        assertThat(run("alias", "gpt-4", "maker/tiny-F32")).isZero();
        assertThat(out).isEqualTo("gpt-4 stands for maker/tiny-F32 now.\n");
        assertThat(run("alias", "gpt-5", "gpt-4")).isZero();
        assertThat(out).as("of an alias it is one of the model").isEqualTo("gpt-5 stands for maker/tiny-F32 now.\n");
        assertThat(json("alias", "gpt-4", "maker/tiny-F32", "--json")
                        .path("model")
                        .asText())
                .as("again, for programs")
                .isEqualTo("maker/tiny-F32");

        assertThat(run("alias")).isZero();
        assertThat(out).containsPattern("ALIAS +MODEL\n").containsPattern("gpt-4 +maker/tiny-F32\n");
        assertThat(json("alias", "--json").path("aliases")).hasSize(2);
        assertThat(run("rm", "--yes", "gpt-4")).isZero();
        assertThat(json("alias", "--json").at("/aliases/0/name").asText()).isEqualTo("gpt-5");
    }

    @Test
    void aliasThatCannotBeSaysWhy() {
        run("import");
        run("alias", "nick", "maker/tiny-F32");

        assertThat(run("alias", "nick", "millrace-demo")).isEqualTo(1);
        assertThat(err).contains("nick is an alias of maker/tiny-F32", "millrace rm nick");
        assertThat(run("alias", "millrace-demo", "maker/tiny-F32")).isEqualTo(1);
        assertThat(err).contains("the name millrace-demo is a model's");
        assertThat(run("alias", "other", "nothing")).isEqualTo(5);
        assertThat(err).contains("no model 'nothing'", "millrace list");
        assertThat(run("alias", "../x", "maker/tiny-F32")).isEqualTo(2);
        assertThat(run("alias", "lonely")).isEqualTo(2);
        assertThat(err).contains("millrace alias lonely MODEL");
        assertThat(run("alias")).isZero();
    }

    @Test
    void withoutAliasesThatIsSaid() {
        assertThat(run("alias")).isZero();

        assertThat(out).startsWith("No model has an alias.");
        assertThat(data).doesNotExist();
    }

    @Test
    void servingFindsNamesAndAliasesOfTheCatalogue() throws IOException {
        run("import");
        Catalogue.open(data, InstantSource.system()).alias("gpt-4", "maker/tiny-F32");
        Places places = new Places(data, Path.of("target", "dist").toAbsolutePath());

        ModelFile expected = new ModelFile(new ModelId("maker/tiny-F32"), file);
        assertThat(ModelFile.find("maker/tiny-F32", places)).isEqualTo(expected);
        assertThat(ModelFile.find("gpt-4", places)).isEqualTo(expected);
        assertThat(ModelFile.find("millrace-demo.gguf", places).id()).isEqualTo(new ModelId("millrace-demo"));
        Files.delete(file);
        for (String name : List.of("gpt-4", "none", "a\0b", "../x")) {
            assertThatExceptionOfType(CommandFailedException.class)
                    .isThrownBy(() -> ModelFile.find(name, places))
                    .satisfies(e -> assertThat(e.exitCode()).isEqualTo(ExitCode.MODEL));
        }
    }
}
