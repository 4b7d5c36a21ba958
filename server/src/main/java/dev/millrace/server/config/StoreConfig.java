package dev.millrace.server.config;

import dev.millrace.core.ByteSize;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What clients may change about the models on the disk, and where new ones come from. *Immutable.*
///
/// @param hub what references without an address mean
/// @param hosts other hosts or origins that may be spoken to
/// @param tokenFile holds a token for the hub; absent = none is sent
/// @param maxSize largest model that is downloaded
public record StoreConfig(
        Changes changes,
        URI hub,
        List<String> hosts,
        @Nullable Path tokenFile,
        ByteSize maxSize) {
    public StoreConfig {
        hosts = List.copyOf(hosts);
    }

    /// Who may download and delete models over HTTP.
    public enum Changes {
        /// Whoever is on this machine: on if only this machine can connect.
        AUTO,
        /// Every client.
        ON,
        /// Nobody.
        OFF
    }
}
