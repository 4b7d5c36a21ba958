package dev.millrace.models.lifecycle;

/// Where one model is in its life. *Immutable.*
public enum ModelState {
    /// Not in memory and nobody waits for it.
    UNLOADED,
    /// Asked for; waits for its turn or for memory in use.
    QUEUED,
    /// Its turn has come; others are leaving memory for it.
    EVICTING,
    /// Its engine is being started.
    STARTING,
    /// Its weights are being read.
    LOADING,
    /// Loaded; makes its first steps so that the first request is not slower.
    WARMING,
    /// Serves requests.
    READY,
    /// Leaves memory; never given a request.
    STOPPING,
    /// The last start failed; not tried again before its retry time.
    FAILED
}
