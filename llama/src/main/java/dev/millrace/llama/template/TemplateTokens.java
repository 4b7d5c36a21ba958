package dev.millrace.llama.template;

import java.util.Set;

/// The tokens of a vocabulary that matter to its chat template. *Immutable.*
///
/// @param bos text of the begin-of-sequence token, empty if there is none
/// @param eos text of the end-of-sequence token, empty if there is none
/// @param control texts of all tokens that the tokenizer makes only out of trusted text (llama.cpp's attributes
///     CONTROL and UNKNOWN; not USER_DEFINED, which it makes out of any text)
public record TemplateTokens(String bos, String eos, Set<String> control) {
    public TemplateTokens {
        control = Set.copyOf(control);
    }
}
