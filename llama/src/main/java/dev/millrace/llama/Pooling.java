package dev.millrace.llama;

import dev.millrace.llama.ffm.LlamaModel;

/// How the vectors of tokens become that of a text.
enum Pooling {
    /// Their mean.
    MEAN,
    /// That of the first token.
    FIRST,
    /// That of the last token.
    LAST,
    /// Not at all: the file says that the vectors of the tokens are what it is for.
    NONE,
    /// By a head that says how well two texts fit.
    RANK;

    /// What the file says. One that says nothing is of a model made for other things, of which the mean is the
    /// usual choice.
    static Pooling of(LlamaModel model) {
        String type = model.ofArchitecture("pooling_type").orElse("1");
        return switch (type) {
            case "0" -> NONE;
            case "1" -> MEAN;
            case "2" -> FIRST;
            case "3" -> LAST;
            default -> RANK;
        };
    }

    /// Why no vector of a text can be had, for callers; empty if it can.
    String refusal() {
        return switch (this) {
            case MEAN, FIRST, LAST -> "";
            case NONE ->
                "this model cannot make embeddings: its file says that it has a vector for each token and none "
                        + "for a text (pooling_type none)";
            case RANK -> "this model cannot make embeddings: it was made to rank texts (pooling_type rank)";
        };
    }
}
