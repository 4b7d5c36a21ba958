/// The `millrace` command: parses arguments, talks to a person, and starts everything else.
///
/// The only module that writes to standard output. Each command is a package;
/// [dev.millrace.cli.console.ExitCode] is the contract with scripts.
@NullMarked
package dev.millrace.cli;

import org.jspecify.annotations.NullMarked;
