package dev.millrace.models.download;

import dev.millrace.core.id.ModelId;
import org.jspecify.annotations.Nullable;

/// What to pull. *Immutable.*
///
/// @param reference an address, or `org/repo[:file or quantisation][@revision]`
/// @param name what the model shall be called; absent = after its file
/// @param sha256 what the (only) file must have; absent = what the hub states, if anything
/// @param restart discards what an earlier pull left
public record PullRequest(
        String reference, @Nullable ModelId name, @Nullable String sha256, boolean restart) {
    /// The same as the command `millrace pull REFERENCE`.
    public static PullRequest of(String reference) {
        return new PullRequest(reference, null, null, false);
    }
}
