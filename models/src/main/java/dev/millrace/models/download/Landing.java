package dev.millrace.models.download;

import dev.millrace.core.id.ModelId;
import dev.millrace.models.catalogue.StoredFile;
import java.io.IOException;
import java.util.List;

/// Where pulled models arrive. *Thread-safe.*
public interface Landing {
    /// Takes the files over: moves them by atomic rename and makes the model visible, or changes nothing and throws.
    ///
    /// @param files checked and on the disk, in the order of their shards, under the partial directory
    /// @param origin where they came from, without credentials
    /// @throws IOException if it cannot; the files are then still where they were
    void land(ModelId name, List<StoredFile> files, String origin) throws IOException;

    /// True if there is a model of this name with just these files, so that nothing needs to be transferred.
    ///
    /// @param sha256 of its files, in the order of their shards
    default boolean holds(ModelId name, List<String> sha256) throws IOException {
        return false;
    }
}
