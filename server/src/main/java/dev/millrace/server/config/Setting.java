package dev.millrace.server.config;

import java.util.Locale;

/// One key of the configuration. *Immutable.*
///
/// @param key dotted, as in the YAML file's nesting
/// @param defaultText as it would be written in the file
/// @param purpose one sentence for the reference
record Setting<T>(String key, SettingType<T> type, String defaultText, String purpose) {
    static final String ENV_PREFIX = "MILLRACE_";

    /// The environment variable of this key.
    String envName() {
        return ENV_PREFIX + key.toUpperCase(Locale.ROOT).replace('.', '_').replace('-', '_');
    }
}
