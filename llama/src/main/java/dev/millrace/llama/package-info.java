/// llama.cpp as a model backend of the engine: [dev.millrace.llama.LlamaBackend] loads a GGUF file and runs its
/// steps, [dev.millrace.llama.LlamaVocabulary] turns prompts into tokens without letting user text forge control
/// tokens.
@NullMarked
package dev.millrace.llama;

import org.jspecify.annotations.NullMarked;
