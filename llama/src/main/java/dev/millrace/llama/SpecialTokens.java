package dev.millrace.llama;

import dev.millrace.llama.ffm.LlamaVocab;
import dev.millrace.llama.template.RenderedPrompt.Segment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// Cuts a prompt at the texts of special tokens, as llama.cpp does, with one difference: a control token is made
/// only of text that is trusted from its first to its last character. *Immutable.*
///
/// llama.cpp takes the special tokens from the longest to the shortest and splits every piece of text at each
/// occurrence. Cutting here, over the whole prompt at once, and not calling it once per trusted or untrusted
/// segment, is what keeps the result equal to its own: words are still formed across the borders of segments, and
/// the blank that some vocabularies put before a text appears where llama.cpp would put it.
final class SpecialTokens {
    private final List<Special> longestFirst;
    private final Map<Character, List<Integer>> byFirstCharacter;

    /// @param attributes bits of [LlamaVocab]
    record Special(int token, String text, int attributes) {
        boolean needsTrust() {
            return (attributes & (LlamaVocab.CONTROL | LlamaVocab.UNKNOWN)) != 0;
        }

        boolean has(int attribute) {
            return (attributes & attribute) != 0;
        }
    }

    /// A piece of a cut prompt.
    sealed interface Piece {
        /// A special token.
        record Token(int id) implements Piece {}

        /// Text without special tokens.
        record Text(int from, int to) implements Piece {}
    }

    SpecialTokens(List<Special> specials) {
        longestFirst = specials.stream()
                .filter(s -> !s.text().isEmpty())
                .sorted(Comparator.comparingInt((Special s) -> -s.text().length()))
                .toList();
        byFirstCharacter = new HashMap<>();
        for (int i = 0; i < longestFirst.size(); i++) {
            byFirstCharacter
                    .computeIfAbsent(longestFirst.get(i).text().charAt(0), c -> new ArrayList<>())
                    .add(i);
        }
    }

    /// Cuts `text`, the segments' texts together.
    List<Piece> cut(String text, List<Segment> segments) {
        List<Piece> pieces = new ArrayList<>();
        if (!text.isEmpty()) {
            pieces.add(new Piece.Text(0, text.length()));
        }
        Trust trust = new Trust(segments);
        present(text).stream().forEach(i -> split(pieces, longestFirst.get(i), text, trust));
        return pieces;
    }

    /// Which tokens occur at all: one pass over the text, where a search for each of thousands would be thousands.
    private BitSet present(String text) {
        BitSet present = new BitSet();
        for (int at = 0; at < text.length(); at++) {
            List<Integer> candidates = byFirstCharacter.get(text.charAt(at));
            if (candidates != null) {
                for (int i : candidates) {
                    if (!present.get(i) && text.startsWith(longestFirst.get(i).text(), at)) {
                        present.set(i);
                    }
                }
            }
        }
        return present;
    }

    private static void split(List<Piece> pieces, Special special, String text, Trust trust) {
        List<Piece> result = new ArrayList<>();
        for (Piece piece : pieces) {
            switch (piece) {
                case Piece.Token token -> result.add(token);
                case Piece.Text range -> split(range, special, text, trust, result);
            }
        }
        pieces.clear();
        pieces.addAll(result);
    }

    private static void split(Piece.Text range, Special special, String text, Trust trust, List<Piece> result) {
        int from = range.from();
        int match = next(special, text, from, range.to(), trust);
        while (match >= 0) {
            int left = match;
            while (special.has(LlamaVocab.STRIPS_LEFT) && left > from && isBlank(text.charAt(left - 1))) {
                left--;
            }
            addText(result, from, left);
            result.add(new Piece.Token(special.token()));
            from = match + special.text().length();
            while (special.has(LlamaVocab.STRIPS_RIGHT) && from < range.to() && isBlank(text.charAt(from))) {
                from++;
            }
            match = next(special, text, from, range.to(), trust);
        }
        addText(result, from, range.to());
    }

    private static void addText(List<Piece> result, int from, int to) {
        if (from < to) {
            result.add(new Piece.Text(from, to));
        }
    }

    private static int next(Special special, String text, int from, int to, Trust trust) {
        int length = special.text().length();
        int match = text.indexOf(special.text(), from, to);
        while (match >= 0 && special.needsTrust() && !trust.covers(match, match + length)) {
            match = text.indexOf(special.text(), match + 1, to);
        }
        return match;
    }

    // isspace() of C
    private static boolean isBlank(char c) {
        return c == ' ' || (c >= '\t' && c <= '\r');
    }

    /// Which ranges of the text are trusted. Neighbouring trusted segments do not count as one.
    private static final class Trust {
        private final int[] ends;
        private final BitSet trusted = new BitSet();

        Trust(List<Segment> segments) {
            ends = new int[segments.size()];
            int end = 0;
            for (int i = 0; i < ends.length; i++) {
                Segment segment = segments.get(i);
                end += segment.text().length();
                ends[i] = end;
                trusted.set(i, segment.trusted());
            }
        }

        boolean covers(int from, int to) {
            int found = Arrays.binarySearch(ends, from + 1);
            int segment = found >= 0 ? found : -found - 1;
            return trusted.get(segment) && to <= ends[segment];
        }
    }
}
