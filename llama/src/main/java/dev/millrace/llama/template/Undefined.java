package dev.millrace.llama.template;

/// The value of a variable, attribute or element that is not there: empty when printed or looped over, false
/// when tested, an error when used for anything else.
record Undefined(String name) {
    TemplateFault fault() {
        return TemplateFault.error("'" + name + "' is undefined");
    }

    /// All undefined values are equal, as in Jinja.
    @Override
    public boolean equals(Object other) {
        return other instanceof Undefined;
    }

    @Override
    public int hashCode() {
        return 0;
    }
}
