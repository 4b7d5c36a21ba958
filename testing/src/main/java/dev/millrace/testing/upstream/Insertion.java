package dev.millrace.testing.upstream;

/// An event that does not belong into the stream. *Immutable.*
///
/// @param last whether the stream ends behind it
record Insertion(int afterEvents, String payload, boolean last) {}
