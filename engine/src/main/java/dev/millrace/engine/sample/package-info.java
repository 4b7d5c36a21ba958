/// Choosing the next token from logits, in plain Java: the same on every llama.cpp build, without native
/// memory.
@NullMarked
package dev.millrace.engine.sample;

import org.jspecify.annotations.NullMarked;
