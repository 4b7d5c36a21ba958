package dev.millrace.models.download;

import dev.millrace.core.id.ModelId;
import dev.millrace.models.catalogue.StoredFile;
import java.util.List;

/// How a pull ended.
public sealed interface PullOutcome {
    /// The model is there.
    ///
    /// @param files as they were handed to [Landing], with their digests
    /// @param receivedBytes that came over the network in this pull
    /// @param digestsStated false if the source stated no digest, so that the computed one is only recorded
    record Pulled(ModelId model, List<StoredFile> files, long receivedBytes, boolean digestsStated)
            implements PullOutcome {
        public Pulled {
            files = List.copyOf(files);
        }
    }

    /// It was there before, or another pull brought it meanwhile.
    record AlreadyThere(ModelId model) implements PullOutcome {}

    /// Stopped on request. What was transferred is kept: the same pull goes on from there.
    record Cancelled(long bytes, long totalBytes) implements PullOutcome {}

    /// It did not work.
    ///
    /// @param message what went wrong and what to do, for people
    record Failed(PullError error, String message) implements PullOutcome {}
}
