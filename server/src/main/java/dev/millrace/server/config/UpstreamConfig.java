package dev.millrace.server.config;

import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// One upstream: a server, or several equal ones behind one name, that answers for models. *Immutable.*
///
/// @param name what metrics, logs and the `x-millrace-backend` header call it
/// @param url where it is; its path is what stands before `/chat/completions`, `/v1` if there is none
/// @param srv a DNS name whose SRV records say which hosts and ports there are; absent = those of `url`
/// @param keyFile a file with the key to send; absent = none is sent
/// @param models the models to offer, each as `name` or `public-name=its-own-name`; empty = all that it lists
/// @param weight its share beside others, 1 or more
public record UpstreamConfig(
        String name, URI url, @Nullable String srv, Kind kind, @Nullable Path keyFile, List<String> models, int weight) {
    /// What kind of server it is, as far as it matters.
    public enum Kind {
        /// Found out by what its list of models says.
        AUTO,
        /// Anything that speaks the OpenAI dialect.
        OPENAI,
        /// vLLM.
        VLLM,
        /// SGLang.
        SGLANG,
        /// llama.cpp's server.
        LLAMA_SERVER,
        /// Ollama.
        OLLAMA,
        /// Another Millrace.
        MILLRACE
    }

    public UpstreamConfig {
        models = List.copyOf(models);
    }
}
