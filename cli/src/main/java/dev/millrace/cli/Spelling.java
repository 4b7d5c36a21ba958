package dev.millrace.cli;

import java.util.Collection;
import java.util.Comparator;
import java.util.Optional;

/// Guesses what a mistyped word was meant to be.
final class Spelling {
    private static final int MOST_CHANGES = 2;

    private Spelling() {}

    /// The name that `word` begins, or that is at most two changed letters away.
    static Optional<String> nearest(String word, Collection<String> names) {
        if (word.isEmpty()) {
            return Optional.empty();
        }
        return names.stream()
                .filter(name -> name.startsWith(word) || changes(word, name) <= MOST_CHANGES)
                .min(Comparator.comparingInt((String name) -> changes(word, name))
                        .thenComparing(name -> name));
    }

    /// Letters to insert, remove or replace (Levenshtein's distance).
    private static int changes(String a, String b) {
        int[] row = new int[b.length() + 1];
        for (int j = 0; j <= b.length(); j++) {
            row[j] = j;
        }
        for (int i = 1; i <= a.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= b.length(); j++) {
                int replaced = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.min(replaced, 1 + Math.min(row[j], row[j - 1]));
            }
        }
        return row[b.length()];
    }
}
