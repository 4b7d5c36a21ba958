package dev.millrace.server.cache;

/// What decides, besides the request, what a model answers. *Immutable.*
///
/// @param label its public name
/// @param origin what it is, by its content or by who offers it
/// @param build what computes it
record ModelIdentity(String label, String origin, String build) {
    /// What computes it is not known before it was loaded once.
    static final String NOT_YET = "not loaded yet";

    boolean isKnown() {
        return !build.equals(NOT_YET);
    }
}
