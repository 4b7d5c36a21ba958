/// GGUF model files: their header, read with limits and checked completely before anything maps the file.
@NullMarked
package dev.millrace.gguf;

import org.jspecify.annotations.NullMarked;
