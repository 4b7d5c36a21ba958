/// A small client of the OpenAI dialect, for the commands that talk to a running server.
@NullMarked
package dev.millrace.cli.client;

import org.jspecify.annotations.NullMarked;
