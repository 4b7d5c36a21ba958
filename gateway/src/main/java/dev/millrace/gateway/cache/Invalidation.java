package dev.millrace.gateway.cache;

import static java.util.Objects.requireNonNull;

/// Which answers are no longer valid. *Immutable.*
public sealed interface Invalidation {
    /// The answer to one request.
    record Key(CacheKey key) implements Invalidation {
        public Key {
            requireNonNull(key, "key");
        }
    }

    /// All answers of one model.
    record Model(String name) implements Invalidation {
        public Model {
            Names.require(name, "model");
        }
    }

    /// All answers with one tag.
    record Tag(String name) implements Invalidation {
        public Tag {
            Names.require(name, "tag");
        }
    }

    /// All answers to one tenant.
    record Tenant(String name) implements Invalidation {
        public Tenant {
            Names.require(name, "tenant");
        }
    }

    /// All answers.
    record All() implements Invalidation {}
}
