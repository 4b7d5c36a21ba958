package dev.millrace.worker.transport;

import dev.millrace.engine.EngineStatus;

/// A worker's answer to a probe. *Immutable.*
///
/// @param probe the number of the probe that is answered
/// @param residentBytes memory of the process; 0 if unknown
record Vitals(int probe, EngineStatus status, long residentBytes) {}
