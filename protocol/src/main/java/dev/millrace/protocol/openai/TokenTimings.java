package dev.millrace.protocol.openai;

/// Where the time of one answer went: the `timings` object, named as llama-server names it. *Immutable.*
public record TokenTimings(long queueNanos, long prefillNanos, long decodeNanos) {}
