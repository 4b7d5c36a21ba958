/// Chat templates: the Jinja source a GGUF carries, rendered in Java as Python's Jinja would.
@NullMarked
package dev.millrace.llama.template;

import org.jspecify.annotations.NullMarked;
