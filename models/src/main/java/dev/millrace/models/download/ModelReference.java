package dev.millrace.models.download;

import java.net.URI;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// What a person named. *Immutable.*
sealed interface ModelReference {
    /// The branch that is meant if no revision is named.
    String USUAL_REVISION = "main";

    /// Longest accepted reference, in characters.
    int MAX_LENGTH = 2048;

    /// A repository on the hub.
    ///
    /// @param selector a file or a quantisation; empty = choose
    record OnHub(String repository, String selector, String revision) implements ModelReference {}

    /// One file at an address.
    record AtAddress(URI address) implements ModelReference {}

    /// Reads a reference.
    ///
    /// @throws PullException with what is expected, if it is none
    static ModelReference parse(String text) throws PullException {
        if (text.isEmpty() || text.length() > MAX_LENGTH || !text.chars().allMatch(c -> c > ' ' && c < 0x7f)) {
            throw new PullException(
                    PullError.INVALID_REFERENCE,
                    "a reference is 1 to " + MAX_LENGTH + " printable ASCII characters without blanks; " + Words.FORMS);
        }
        return text.contains("://") ? new AtAddress(Origin.parse(text)) : Words.onHub(text);
    }

    /// The grammar of hub references.
    final class Words {
        private static final String FORMS =
                "expected: org/repo, org/repo:Q4_K_M, org/repo:file.gguf, each with @revision if need be, or an address";
        private static final String WORD = "[A-Za-z0-9][A-Za-z0-9._-]{0,95}";
        private static final String PATH = "[A-Za-z0-9_][A-Za-z0-9._+-]{0,199}";
        private static final Pattern HUB = Pattern.compile("(" + WORD + "/" + WORD + ")(?::(" + PATH + "(?:/" + PATH
                + "){0,8}))?(?:@(" + WORD + "(?:/" + WORD + "){0,4}))?");

        private Words() {}

        private static OnHub onHub(String text) throws PullException {
            String lower = text.toLowerCase(Locale.ROOT);
            String rest = text;
            for (String prefix : new String[] {"hf.co/", "huggingface.co/"}) {
                rest = lower.startsWith(prefix) ? text.substring(prefix.length()) : rest;
            }
            Matcher m = HUB.matcher(rest);
            if (!m.matches() || rest.contains("..")) {
                throw new PullException(PullError.INVALID_REFERENCE, "not a reference to a model; " + FORMS);
            }
            String selector = m.group(2) == null ? "" : m.group(2);
            return new OnHub(m.group(1), selector, m.group(3) == null ? USUAL_REVISION : m.group(3));
        }
    }
}
