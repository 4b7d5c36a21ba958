package dev.millrace.server.models;

import dev.millrace.core.id.ModelId;
import dev.millrace.models.catalogue.Removability;
import dev.millrace.models.catalogue.Removed;
import dev.millrace.models.download.Downloads;
import java.io.IOException;

/// The models on the disk, for a server that may change them. *Thread-safe.* All but [#withhold], [#offer] and
/// [#downloads] may wait for the disk: not for event loops.
public interface ModelStore {
    /// What may be done about a name if somebody wants it gone.
    Removability removability(String nameOrAlias);

    /// True for the model that the server was started with, which stays as long as it does.
    boolean isIndispensable(ModelId model);

    /// Stops offering a model, at once: it is not listed, and nobody who asks gets it.
    void withhold(ModelId model);

    /// Undoes [#withhold].
    void offer(ModelId model);

    /// Takes a model off the list for good, and deletes what of it is in the store.
    Removed remove(ModelId model) throws IOException;

    /// Takes a name away; its model stays.
    void unalias(String alias) throws IOException;

    /// Those under way. A model that came is offered before its download is told to be done.
    Downloads downloads();
}
