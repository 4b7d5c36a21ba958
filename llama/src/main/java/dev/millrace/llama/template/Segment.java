package dev.millrace.llama.template;

import java.util.List;

/// A piece of a template's source. *Immutable.*
sealed interface Segment {
    /// Text to copy, white space around tags already removed.
    record Text(String text) implements Segment {}

    /// `{{ ... }}`.
    record Print(List<Lexeme> lexemes) implements Segment {}

    /// `{% ... %}`.
    record Tag(List<Lexeme> lexemes) implements Segment {}
}
