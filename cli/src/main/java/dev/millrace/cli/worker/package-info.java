/// `millrace worker`: one model in a process of its own, started by a server.
@NullMarked
package dev.millrace.cli.worker;

import org.jspecify.annotations.NullMarked;
