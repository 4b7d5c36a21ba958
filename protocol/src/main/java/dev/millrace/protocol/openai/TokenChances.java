package dev.millrace.protocol.openai;

import java.util.List;

/// The log-probability of a token and of its strongest rivals. *Immutable.*
public record TokenChances(Chance chosen, List<Chance> top) {
    public TokenChances {
        top = List.copyOf(top);
    }

    /// One token.
    ///
    /// @param text its text; bytes that are no whole character show as U+FFFD
    /// @param bytes its bytes as numbers 0..255
    public record Chance(String text, List<Integer> bytes, float logprob) {
        public Chance {
            bytes = List.copyOf(bytes);
        }
    }
}
