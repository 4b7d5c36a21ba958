/// What every engine is held to, and the probe that watches one generation.
@NullMarked
package dev.millrace.testing.engine;

import org.jspecify.annotations.NullMarked;
