package dev.millrace.server.config;

/// What is logged and how. *Immutable.*
///
/// @param requests which requests get their line
public record LogConfig(Format format, Requests requests) {
    /// How a line looks.
    public enum Format {
        /// For people: time, level, key=value pairs.
        TEXT,
        /// One JSON object per line.
        JSON
    }

    /// Which requests are logged.
    public enum Requests {
        /// Each one.
        ALL,
        /// Those that did not end well.
        FAILED,
        /// None.
        NONE
    }
}
