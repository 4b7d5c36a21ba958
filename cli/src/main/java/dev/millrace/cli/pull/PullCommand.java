package dev.millrace.cli.pull;

import dev.millrace.cli.config.EffectiveConfig;
import dev.millrace.cli.console.Amounts;
import dev.millrace.cli.console.CommandFailedException;
import dev.millrace.cli.console.Console;
import dev.millrace.cli.console.ExitCode;
import dev.millrace.cli.console.Interrupts;
import dev.millrace.cli.engines.TokenFile;
import dev.millrace.core.ByteSize;
import dev.millrace.core.id.ModelId;
import dev.millrace.core.time.NanoClock;
import dev.millrace.models.catalogue.Catalogue;
import dev.millrace.models.download.AccessToken;
import dev.millrace.models.download.Landing;
import dev.millrace.models.download.PullControl;
import dev.millrace.models.download.PullError;
import dev.millrace.models.download.PullLimits;
import dev.millrace.models.download.PullOutcome;
import dev.millrace.models.download.PullRequest;
import dev.millrace.models.download.PullSettings;
import dev.millrace.models.download.Puller;
import dev.millrace.models.download.Surroundings;
import dev.millrace.server.config.MillraceConfig;
import dev.millrace.server.config.StoreConfig;
import java.net.URI;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `millrace pull`: brings a model onto this machine.
@Command(
        name = "pull",
        header = "Download a model, or go on with a download.",
        description = {
            "",
            "REF is org/repo on the hub, org/repo:Q4_K_M for one quantisation, org/repo:some.gguf for one file, each with"
                    + " @revision if need be; or the https address of a GGUF file. Without a choice the first of Q4_K_M,"
                    + " Q4_0 and Q8_0 that there is is taken. The files of a split model are pulled as one.",
            "",
            "A download that was stopped, killed or cut off goes on where it was: run the same command again. A model is"
                    + " listed only after all of it was read back from the disk, its sha256 compared and its header checked.",
            "",
            "Only the hub and the hosts it keeps its files on are spoken to, by https, and only at public addresses;"
                    + " --allow-host adds others. A token is read from --token-file, or for Hugging Face from HF_TOKEN, and"
                    + " sent to the hub only.",
        },
        footer = {
            "",
            "@|bold Examples:|@",
            "  millrace pull unsloth/Qwen3-0.6B-GGUF",
            "  millrace pull unsloth/Qwen3-0.6B-GGUF:Q8_0 --name qwen3",
            "  millrace pull org/gated-model --token-file ~/.hub-token",
            "  millrace pull https://models.example.org/some.gguf --allow-host models.example.org --sha256 DIGEST",
            "  millrace pull org/repo --base http://127.0.0.1:9000      a mirror of your own",
            "  millrace pull org/repo --json | jq -r .phase",
        })
public final class PullCommand implements Callable<Integer> {
    private static final String TOKEN_VARIABLE = "HF_TOKEN";

    @Parameters(paramLabel = "REF", description = "What to download.")
    private String reference = "";

    @Option(names = "--name", paramLabel = "NAME", description = "What to call it (after its file).")
    private @Nullable String name;

    @Option(names = "--sha256", paramLabel = "DIGEST", description = "What the file must have (what the hub states).")
    private @Nullable String sha256;

    @Option(names = "--parts", paramLabel = "N", description = "Connections at a time, 1 to 16 (4).")
    private int parts = PullSettings.DEFAULT_PARTS;

    @Option(names = "--base", paramLabel = "URL", description = "Another hub than that of models.hub.")
    private @Nullable URI base;

    @Option(
            names = "--allow-host",
            paramLabel = "HOST",
            description = "One more host to trust, by https; or an origin such as http://127.0.0.1:9000, which allows"
                    + " just that, wherever it is. May be given several times.")
    private List<String> allowed = new ArrayList<>();

    @Option(names = "--token-file", paramLabel = "FILE", description = "A file with a token for the hub.")
    private @Nullable Path tokenFile;

    @Option(names = "--max-size", paramLabel = "SIZE", description = "Largest model to accept (models.largest).")
    private @Nullable String maxSize;

    @Option(names = "--restart", description = "Discard what an earlier pull left, and begin again.")
    private boolean restart;

    @Option(names = "--json", description = "Progress and outcome as JSON, one object per line.")
    private boolean json;

    @Option(
            names = "--data-dir",
            paramLabel = "DIR",
            description = "Where models are kept (~/.millrace, or MILLRACE_HOME).")
    private @Nullable Path dataDirectory;

    @Option(names = "--config", paramLabel = "FILE", description = "Settings in a YAML file.")
    private @Nullable Path configFile;

    private final Console console;
    private final NanoClock clock;

    public PullCommand(Console console, NanoClock clock) {
        this.console = console;
        this.clock = clock;
    }

    @Override
    public Integer call() {
        Map<String, String> flags = dataDirectory == null ? Map.of() : Map.of("data-dir", dataDirectory.toString());
        MillraceConfig config = EffectiveConfig.load(console, configFile, flags).config();
        Catalogue catalogue = Catalogue.open(config.dataDirectory(), InstantSource.system());
        PullRequest request = request();
        Puller puller = new Puller(
                settings(catalogue.partialDirectory(), config.models().store()),
                Surroundings.ofThisMachine(RandomGenerator.getDefault()),
                Landing.in(catalogue));
        PullControl control = new PullControl();
        try (PullDisplay display = json ? new JsonDisplay(console.out()) : new TextDisplay(console, clock);
                Interrupts _ = Interrupts.handle(signal -> control.cancel())) {
            PullOutcome outcome = puller.pull(request, control, display::progress);
            display.outcome(outcome);
            return ended(outcome);
        }
    }

    private PullRequest request() {
        try {
            return new PullRequest(reference, name == null ? null : new ModelId(name), sha256, restart);
        } catch (IllegalArgumentException e) {
            throw usage(e);
        }
    }

    private PullSettings settings(Path partial, StoreConfig store) {
        URI hub = base == null ? store.hub() : base;
        List<String> hosts = new ArrayList<>(store.hosts());
        hosts.addAll(allowed);
        try {
            ByteSize most = maxSize == null ? store.maxSize() : ByteSize.parse(maxSize);
            return new PullSettings(partial, hub, hosts, token(hub, store), parts, most, PullLimits.DEFAULT);
        } catch (IllegalArgumentException e) {
            throw usage(e);
        }
    }

    private static CommandFailedException usage(IllegalArgumentException e) {
        return new CommandFailedException(
                ExitCode.USAGE, String.valueOf(e.getMessage()), "millrace pull --help tells what there is", e);
    }

    private @Nullable AccessToken token(URI hub, StoreConfig store) {
        if (tokenFile != null) {
            return TokenFile.read(tokenFile);
        }
        if (store.tokenFile() != null && hub.equals(store.hub())) {
            return TokenFile.read(store.tokenFile());
        }
        // It is a token for Hugging Face: no other hub gets it.
        String text = hub.equals(PullSettings.HUGGING_FACE)
                ? console.environment().getOrDefault(TOKEN_VARIABLE, "").strip()
                : "";
        return text.isEmpty() ? null : new AccessToken(text);
    }

    private Integer ended(PullOutcome outcome) {
        return switch (outcome) {
            case PullOutcome.Pulled pulled -> ExitCode.OK.number();
            case PullOutcome.AlreadyThere there -> ExitCode.OK.number();
            case PullOutcome.Cancelled(long bytes, long total) ->
                throw new CommandFailedException(
                        ExitCode.INTERRUPTED,
                        bytes == 0 ? "stopped" : "stopped, " + Amounts.sizeOf(total, bytes) + " are kept",
                        "The same command goes on from there; with --restart it begins again");
            case PullOutcome.Failed(PullError error, String message) ->
                throw new CommandFailedException(exitCode(error), message, remedy(error));
        };
    }

    private static ExitCode exitCode(PullError error) {
        return switch (error) {
            case INVALID_REFERENCE -> ExitCode.USAGE;
            case INVALID_MODEL -> ExitCode.MODEL;
            case INTERRUPTED -> ExitCode.INTERRUPTED;
            case NOT_FOUND,
                    UNAUTHORIZED,
                    FORBIDDEN_ADDRESS,
                    TOO_LARGE,
                    DIGEST_MISMATCH,
                    INSUFFICIENT_STORAGE,
                    STORAGE_FAILED,
                    STALLED,
                    UPSTREAM_ERROR -> ExitCode.FAILED;
        };
    }

    private static String remedy(PullError error) {
        return switch (error) {
            case INVALID_REFERENCE -> "millrace pull --help shows what a reference looks like";
            case NOT_FOUND -> "Compare the name with the model's page on the hub";
            case UNAUTHORIZED -> "A token is read from --token-file or HF_TOKEN, and sent to the hub only";
            case FORBIDDEN_ADDRESS -> "Nothing was sent there";
            case TOO_LARGE -> "Allow more with --max-size if that is what you want";
            case DIGEST_MISMATCH -> "Pull again; if it stays so, the file was changed at its source or on the way";
            case INSUFFICIENT_STORAGE, STORAGE_FAILED -> "The same command goes on from what is there";
            case STALLED, UPSTREAM_ERROR, INTERRUPTED ->
                "Look at the network and at the source; the same command goes on from what is there";
            case INVALID_MODEL -> "Choose another file: Millrace runs GGUF models of text";
        };
    }
}
