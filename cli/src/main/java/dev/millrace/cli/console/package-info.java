/// What a command has around it: streams, colours, exit codes, and how a failure is told to a person.
@NullMarked
package dev.millrace.cli.console;

import org.jspecify.annotations.NullMarked;
