package dev.millrace.models.catalogue;

import java.nio.file.Path;

/// One file of a model. *Immutable.*
///
/// @param path where it is, absolute
/// @param sha256 64 lower-case hex digits; empty for a file used in place whose content was never hashed
public record StoredFile(Path path, long sizeBytes, String sha256) {}
