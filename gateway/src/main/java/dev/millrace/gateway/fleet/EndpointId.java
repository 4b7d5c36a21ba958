package dev.millrace.gateway.fleet;

/// One address of one upstream. *Immutable.*
///
/// @param upstream the name of the upstream in the configuration
/// @param address host and port, for example `10.0.0.5:8000`
public record EndpointId(String upstream, String address) {
    @Override
    public String toString() {
        return upstream + "/" + address;
    }
}
