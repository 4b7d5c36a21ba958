package dev.millrace.models.catalogue;

import java.nio.file.Path;

/// One file of a model. *Immutable.*
///
/// @param path where it is, absolute
/// @param sha256 what its content should have, 64 lower-case hex digits; empty for a file used in place
///     of which nobody said so
public record StoredFile(Path path, long sizeBytes, String sha256) {}
