/// One immutable record tree of settings, read from a YAML file, the environment and flags.
@NullMarked
package dev.millrace.server.config;

import org.jspecify.annotations.NullMarked;
