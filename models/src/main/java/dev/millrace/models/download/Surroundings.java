package dev.millrace.models.download;

import dev.millrace.core.time.NanoClock;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import javax.net.ssl.SSLSocketFactory;

/// What a [Puller] has around it. *Immutable.*
///
/// @param random spreads the tries of many clients
/// @param tls makes trusted connections; asked when the first is needed, for reading the certificates takes time
public record Surroundings(
        HostLookup lookup,
        Disk disk,
        ModelCheck check,
        NanoClock clock,
        Pause pause,
        RandomGenerator random,
        Supplier<SSLSocketFactory> tls) {
    /// What Java trusts.
    static final Supplier<SSLSocketFactory> TRUSTED = () -> (SSLSocketFactory) SSLSocketFactory.getDefault();

    /// The machine as it is.
    public static Surroundings ofThisMachine(RandomGenerator random) {
        return new Surroundings(
                HostLookup.SYSTEM, Disk.REAL, ModelCheck.GGUF, NanoClock.SYSTEM, Pause.REAL, random, TRUSTED);
    }
}
