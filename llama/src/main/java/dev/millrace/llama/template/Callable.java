package dev.millrace.llama.template;

/// Something a template can call: a method, a function or a macro.
@FunctionalInterface
interface Callable {
    Object call(Arguments arguments);
}
