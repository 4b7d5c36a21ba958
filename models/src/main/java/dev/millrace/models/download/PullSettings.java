package dev.millrace.models.download;

import dev.millrace.core.ByteSize;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// How a [Puller] pulls. *Immutable.*
///
/// @param partialDirectory for what is not complete; on the same file system as the models
/// @param hub what references without a scheme refer to
/// @param allowed other hosts that may be spoken to: `host` for https on 443 at a public address, or an origin such as
///     `http://127.0.0.1:8080`, which allows exactly that, wherever it is
/// @param token for the hub
/// @param parts connections at a time, 1..16
/// @param maxSize of all files of a model together
/// @param switches what messages call them
public record PullSettings(
        Path partialDirectory,
        URI hub,
        List<String> allowed,
        @Nullable AccessToken token,
        int parts,
        ByteSize maxSize,
        PullLimits limits,
        Switches switches) {
    /// The hub that references mean unless another one is configured.
    public static final URI HUGGING_FACE = URI.create("https://huggingface.co");
    /// Connections at a time.
    public static final int DEFAULT_PARTS = 4;
    /// More connections help nobody.
    public static final int MAX_PARTS = 16;
    /// The largest model that is accepted unless more is allowed.
    public static final ByteSize DEFAULT_MAX_SIZE = new ByteSize(512L << 30);

    public PullSettings {
        allowed = List.copyOf(allowed);
        if (parts < 1 || parts > MAX_PARTS) {
            throw new IllegalArgumentException("parts: " + parts + " (expected: 1.." + MAX_PARTS + ")");
        }
    }

    /// With the names that the command has for its options.
    public PullSettings(
            Path partialDirectory,
            URI hub,
            List<String> allowed,
            @Nullable AccessToken token,
            int parts,
            ByteSize maxSize,
            PullLimits limits) {
        this(partialDirectory, hub, allowed, token, parts, maxSize, limits, Switches.OF_COMMAND);
    }

    /// What `millrace pull` does without options.
    public static PullSettings of(Path partialDirectory) {
        return new PullSettings(
                partialDirectory, HUGGING_FACE, List.of(), null, DEFAULT_PARTS, DEFAULT_MAX_SIZE, PullLimits.DEFAULT);
    }
}
