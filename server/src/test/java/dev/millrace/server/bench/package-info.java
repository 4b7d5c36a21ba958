/// Programs for measuring what serving costs, started by `tools/bench-overhead.sh`.
@NullMarked
package dev.millrace.server.bench;

import org.jspecify.annotations.NullMarked;
