package dev.millrace.llama.template;

import java.util.List;
import java.util.stream.Collectors;

/// A conversation as the text the model was trained on, in pieces to tokenise one after another. *Immutable.*
///
/// Almost always one trusted segment. Pieces exist only where somebody wrote the text of a control token into a
/// message.
public record RenderedPrompt(List<Segment> segments) {
    public RenderedPrompt {
        segments = List.copyOf(segments);
    }

    /// The whole text.
    public String text() {
        return segments.stream().map(Segment::text).collect(Collectors.joining());
    }

    /// A piece of the prompt.
    ///
    /// @param trusted true: control tokens in it are parsed; false: it is plain text, whatever it looks like
    public record Segment(String text, boolean trusted) {}
}
