package dev.millrace.models.catalogue;

import dev.millrace.core.id.ModelId;
import java.nio.file.Path;

/// Where the store keeps what, under `<data directory>/models`. Paths are made of checked names and hex
/// digits only. *Immutable.*
record StoreLayout(Path models) {
    static final String BLOB_PREFIX = "sha256-";

    static StoreLayout under(Path dataDirectory) {
        return new StoreLayout(dataDirectory.toAbsolutePath().normalize().resolve("models"));
    }

    /// Content by digest, read-only.
    Path blobs() {
        return models.resolve("blobs");
    }

    Path blob(String sha256) {
        return blobs().resolve(BLOB_PREFIX + Sha256.requireHex(sha256));
    }

    /// One file per model.
    Path manifests() {
        return models.resolve("manifests");
    }

    Path manifest(ModelId name) {
        return manifests().resolve(ModelName.toFileName(name));
    }

    /// One file per alias.
    Path aliases() {
        return models.resolve("aliases");
    }

    Path alias(ModelId alias) {
        return aliases().resolve(ModelName.toFileName(alias));
    }

    /// Blobs of models in several files once more, by hard links under the names that llama.cpp looks for.
    Path shards() {
        return models.resolve("shards");
    }

    Path shardFolder(String key) {
        return shards().resolve(Sha256.requireHex(key));
    }

    /// Unfinished downloads.
    Path partial() {
        return models.resolve("partial");
    }

    Path lock() {
        return models.resolve(".lock");
    }
}
