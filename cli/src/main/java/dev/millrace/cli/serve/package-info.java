/// `millrace serve`: the server in this process, until it is told to stop.
@NullMarked
package dev.millrace.cli.serve;

import org.jspecify.annotations.NullMarked;
