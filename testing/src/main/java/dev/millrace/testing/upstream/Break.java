package dev.millrace.testing.upstream;

/// Where an answer breaks off, and how. *Immutable.*
///
/// @param after events of a stream, or bytes of a whole body
record Break(Step.End how, int after) {}
