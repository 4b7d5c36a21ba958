/// What benchmarks of several modules share.
@NullMarked
package dev.millrace.testing.bench;

import org.jspecify.annotations.NullMarked;
