package dev.millrace.llama.template;

/// Python's `None`; Java's `null` is never a value of a template.
enum None {
    NONE
}
