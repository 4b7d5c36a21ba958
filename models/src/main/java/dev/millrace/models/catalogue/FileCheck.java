package dev.millrace.models.catalogue;

/// What was found when a file of a model was read from end to end. *Immutable.*
///
/// @param detail in words; empty if there is nothing to add
public record FileCheck(StoredFile file, Outcome outcome, String detail) {
    /// How it compares with what it should be.
    public enum Outcome {
        /// Its content has the digest it should have.
        INTACT,
        /// Nobody said what its digest should be; `detail` says what it is.
        NOT_COMPARED,
        /// It is not what it was when it was added.
        DAMAGED
    }
}
