package dev.millrace.models.download;

import dev.millrace.core.time.NanoClock;
import java.util.random.RandomGenerator;
import javax.net.ssl.SSLSocketFactory;

/// What a [Puller] has around it. *Immutable.*
///
/// @param random spreads the tries of many clients
/// @param tls makes trusted connections
public record Surroundings(
        HostLookup lookup,
        Disk disk,
        ModelCheck check,
        NanoClock clock,
        Pause pause,
        RandomGenerator random,
        SSLSocketFactory tls) {
    /// The machine as it is.
    public static Surroundings ofThisMachine(RandomGenerator random) {
        return new Surroundings(
                HostLookup.SYSTEM, Disk.REAL, ModelCheck.GGUF, NanoClock.SYSTEM, Pause.REAL, random, (SSLSocketFactory)
                        SSLSocketFactory.getDefault());
    }
}
