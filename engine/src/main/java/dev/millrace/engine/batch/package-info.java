/// The continuous-batching engine: one thread that plans a step, runs it on a [ModelBackend], samples, and fills
/// the rings its consumers read.
@NullMarked
package dev.millrace.engine.batch;

import org.jspecify.annotations.NullMarked;
