package dev.millrace.models.download;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;

/// Turns names into addresses. *Thread-safe.*
@FunctionalInterface
public interface HostLookup {
    /// The resolver of this machine.
    HostLookup SYSTEM = host -> List.of(InetAddress.getAllByName(host));

    /// All addresses of a name, at least one.
    List<InetAddress> addresses(String host) throws UnknownHostException;
}
