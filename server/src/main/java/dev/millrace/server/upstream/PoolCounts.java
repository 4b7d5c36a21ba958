package dev.millrace.server.upstream;

/// The state of an endpoint's pool at a moment. *Immutable.*
///
/// @param open connections, used or not, and those being opened
/// @param inUse connections with a request
/// @param waiting requests that wait for one
/// @param created requests that got a new connection
/// @param reused requests that got one that had served before or was ready
/// @param failed connections that could not be opened
/// @param timedOut requests that waited too long for one
public record PoolCounts(int open, int inUse, int waiting, long created, long reused, long failed, long timedOut) {}
