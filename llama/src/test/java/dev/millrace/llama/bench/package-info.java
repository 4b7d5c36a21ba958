/// Benchmarks of the whole engine on llama.cpp, as programs with a `main`. They are run by `tools/bench/`, never as
/// tests: each prints its raw figures and fails when an acceptance limit is missed.
@NullMarked
package dev.millrace.llama.bench;

import org.jspecify.annotations.NullMarked;
