/// Benchmarks of the running server, as programs with a `main`. They are run by `tools/bench/`, never as tests:
/// they print figures and, where an acceptance limit exists, fail when it is missed.
@NullMarked
package dev.millrace.bench;

import org.jspecify.annotations.NullMarked;
