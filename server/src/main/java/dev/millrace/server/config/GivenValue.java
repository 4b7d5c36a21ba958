package dev.millrace.server.config;

/// A value someone gave. *Immutable.*
///
/// @param place where: `millrace.yaml:7`, `MILLRACE_SERVER_PORT`, `--port`; `default` if nobody gave one
record GivenValue(String key, String text, String place) {
    static final String DEFAULT_PLACE = "default";
}
