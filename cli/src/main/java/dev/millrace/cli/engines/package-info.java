/// Which engine runs a model: llama.cpp on a file, or a simulation. The only place that knows both.
@NullMarked
package dev.millrace.cli.engines;

import org.jspecify.annotations.NullMarked;
