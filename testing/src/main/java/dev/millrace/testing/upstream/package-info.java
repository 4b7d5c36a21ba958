/// An OpenAI-compatible server that does per request what a test says, down to the byte.
@NullMarked
package dev.millrace.testing.upstream;

import org.jspecify.annotations.NullMarked;
