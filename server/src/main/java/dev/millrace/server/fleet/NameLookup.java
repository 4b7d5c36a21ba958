package dev.millrace.server.fleet;

import java.io.IOException;
import java.net.InetAddress;
import java.util.List;

/// Finds the addresses of a name. Called on virtual threads; may block.
@FunctionalInterface
public interface NameLookup {
    /// The machine's own.
    NameLookup SYSTEM = host -> List.of(InetAddress.getAllByName(host));

    /// All addresses of a host, in any order.
    ///
    /// @throws IOException if there are none or nobody knows
    List<InetAddress> addresses(String host) throws IOException;
}
