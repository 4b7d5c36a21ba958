package dev.millrace.models.download;

import dev.millrace.core.id.ModelId;
import dev.millrace.models.catalogue.Catalogue;
import dev.millrace.models.catalogue.StoredFile;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/// Where pulled models arrive. *Thread-safe.*
public interface Landing {
    /// The catalogue of this machine.
    static Landing in(Catalogue catalogue) {
        return new CatalogueLanding(catalogue);
    }

    /// Takes the files over: moves them by atomic rename and makes the model visible, or changes nothing and throws.
    ///
    /// @param files checked and on the disk, in the order of their shards: in the partial directory, or what
    ///     [#present] gave
    /// @param origin where they came from, without credentials
    /// @throws IOException if it cannot; the files are then still where they were
    void land(ModelId name, List<StoredFile> files, String origin) throws IOException;

    /// True if there is a model of this name with just these files, so that nothing needs to be done.
    ///
    /// @param sha256 of its files, in the order of their shards
    default boolean holds(ModelId name, List<String> sha256) throws IOException {
        return false;
    }

    /// A file with this content that is here already, so that it need not be transferred.
    default Optional<StoredFile> present(String sha256) {
        return Optional.empty();
    }
}
