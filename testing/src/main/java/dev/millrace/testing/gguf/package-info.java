/// Makes GGUF files for tests: sound ones, and seeded damage to them.
@NullMarked
package dev.millrace.testing.gguf;

import org.jspecify.annotations.NullMarked;
