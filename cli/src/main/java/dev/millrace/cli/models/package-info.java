/// Commands about the models on this machine: `list`, `show`, `rm` and `import`. They work on the data
/// directory, with or without a server that runs.
@NullMarked
package dev.millrace.cli.models;

import org.jspecify.annotations.NullMarked;
