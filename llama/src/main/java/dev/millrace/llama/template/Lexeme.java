package dev.millrace.llama.template;

/// One token of an expression.
///
/// @param text operator, name, digits, or the value of a string
record Lexeme(Kind kind, String text) {
    enum Kind {
        NAME,
        STRING,
        INTEGER,
        FLOAT,
        OPERATOR,
        END
    }

    boolean is(String operatorOrName) {
        return (kind == Kind.OPERATOR || kind == Kind.NAME) && text.equals(operatorOrName);
    }
}
