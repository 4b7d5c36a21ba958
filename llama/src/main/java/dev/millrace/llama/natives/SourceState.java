package dev.millrace.llama.natives;

/// What one source of the library looks like on this machine. *Immutable.*
///
/// @param source for people: `configured directory`, `cache`, `npm`, `Maven artifact`
/// @param detail what is there, or what is missing and what to do about it
public record SourceState(String source, Status status, String detail) {
    /// Whether the source can be used.
    public enum Status {
        /// Usable now, without any download.
        READY,
        /// Can be obtained at the first start.
        OBTAINABLE,
        /// Cannot be used here.
        UNAVAILABLE,
        /// Nobody asked for it.
        UNUSED
    }
}
