package dev.millrace.protocol.openai;

/// The body of `POST /admin/cache/invalidate`: one of `model`, `tag`, `tenant`, `key`, each with a name, or `all`.
/// *Immutable.*
///
/// @param name empty for [Kind#ALL]
public record CacheCommand(Kind kind, String name) {
    /// What is no longer valid.
    public enum Kind {
        /// The answers of a model.
        MODEL,
        /// Those with a tag.
        TAG,
        /// Those of a tenant.
        TENANT,
        /// The answer under a key.
        KEY,
        /// All.
        ALL
    }
}
