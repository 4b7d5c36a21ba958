package dev.millrace.server.cache;

/// What decides, besides the request, what a model answers. *Immutable.*
///
/// @param label its public name
/// @param origin what it is, by its content or by who offers it
/// @param build what computes it
record ModelIdentity(String label, String origin, String build) {}
