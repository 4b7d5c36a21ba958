package dev.millrace.models.download;

import java.net.URI;
import org.jspecify.annotations.Nullable;

/// One file to fetch. *Immutable.*
///
/// @param name what it will be called in the partial directory
/// @param sizeBytes -1 if the hub did not say
/// @param sha256 what it must have; absent = any
record SourceFile(
        String name, URI address, long sizeBytes, @Nullable String sha256) {}
