package dev.millrace.gguf;

import java.nio.file.Path;

/// A model file whose header was found sound. *Immutable.*
public record GgufFile(Path file, GgufSummary summary) {}
