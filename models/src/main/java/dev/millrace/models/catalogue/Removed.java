package dev.millrace.models.catalogue;

import dev.millrace.core.id.ModelId;
import java.nio.file.Path;
import java.util.List;

/// What became of a model that was removed. *Immutable.*
///
/// @param freedBytes of files that no other model uses
/// @param keptFiles used in place, so they are still there
public record Removed(ModelId id, long freedBytes, List<Path> keptFiles) {
    public Removed {
        keptFiles = List.copyOf(keptFiles);
    }
}
