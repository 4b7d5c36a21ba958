package dev.millrace.server.fleet;

import dev.millrace.server.config.UpstreamConfig.Kind;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// What has to be known of a kind of server to get on with it. *Immutable.*
///
/// @param idleNanos how long an idle connection is kept: less than that server keeps it
/// @param countsStreams it ends a stream with the usage if it is asked to
/// @param naming what an answer says of its model
public record Quirks(Kind kind, long idleNanos, boolean countsStreams, Naming naming) {
    /// How an answer's `model` relates to the name that was asked for.
    public enum Naming {
        /// It is the same.
        SAME,
        /// It begins with it: a dated version of it answered.
        BEGINS,
        /// It says nothing.
        ANY
    }

    // uvicorn, which vLLM and SGLang run on, and llama-server's HTTP library keep idle connections for 5 s.
    private static final long SHORT = Duration.ofSeconds(4).toNanos();
    // Go's server keeps them for as long as the client does; what stands in between (load balancers) for 60 s.
    private static final long LONG = Duration.ofSeconds(30).toNanos();

    /// What is known of a kind.
    public static Quirks of(Kind kind) {
        return switch (kind) {
            case AUTO -> new Quirks(kind, SHORT, true, Naming.ANY);
            case OPENAI -> new Quirks(kind, LONG, true, Naming.BEGINS);
            case VLLM, SGLANG -> new Quirks(kind, SHORT, true, Naming.SAME);
            // It answers for its one model whatever name it is asked for, and says that name or its own.
            case LLAMA_SERVER -> new Quirks(kind, SHORT, true, Naming.ANY);
            case OLLAMA, MILLRACE -> new Quirks(kind, LONG, true, Naming.SAME);
        };
    }

    /// What kind it is by what its list of models says of their owner.
    static Kind kindByOwner(@Nullable String owner) {
        return switch (owner == null ? "" : owner) {
            case "vllm" -> Kind.VLLM;
            case "sglang" -> Kind.SGLANG;
            case "llamacpp" -> Kind.LLAMA_SERVER;
            case "library" -> Kind.OLLAMA;
            case "millrace" -> Kind.MILLRACE;
            case "openai", "openai-internal", "system" -> Kind.OPENAI;
            default -> Kind.AUTO;
        };
    }

    /// The same, after it turned out not to understand the wish for usage.
    Quirks withoutUsage() {
        return new Quirks(kind, idleNanos, false, naming);
    }

    /// True if an answer that says `answered` can be one of the model `asked`.
    public boolean mayBe(String asked, String answered) {
        return switch (naming) {
            case SAME -> answered.equals(asked);
            case BEGINS -> answered.startsWith(asked);
            case ANY -> true;
        };
    }
}
