package dev.millrace.models.catalogue;

import dev.millrace.core.id.ModelId;
import java.util.Optional;
import java.util.regex.Pattern;

/// Which names a model of the catalogue may have, and what the file of its manifest is called. A name is
/// letters, digits, `.`, `_` and `-`, beginning with a letter or a digit; one such part may stand before it
/// with a `/` (who made it), one behind it with a `:` (which variant), for example
/// `unsloth/Qwen3-0.6B:Q4_K_M`. Upper and lower case are different. So no name can lead out of a folder,
/// and none needs to be escaped anywhere. Pure.
public final class ModelName {
    private static final String PART = "[A-Za-z0-9][A-Za-z0-9._-]*+";
    private static final Pattern ALLOWED = Pattern.compile("(?:" + PART + "/)?" + PART + "(?::" + PART + ")?");
    private static final String ENDING = ".json";
    private static final int SHOWN_CHARACTERS = 60;

    private ModelName() {}

    /// True if a model or an alias may be called this.
    public static boolean isValid(String text) {
        return text.length() <= ModelId.MAX_LENGTH && ALLOWED.matcher(text).matches();
    }

    /// Reads a name.
    ///
    /// @throws IllegalArgumentException if it is none; the message is for people
    public static ModelId parse(String text) {
        if (!isValid(text)) {
            throw new IllegalArgumentException("model name: '" + shown(text) + "' (expected: letters, digits, '.', '_'"
                    + " and '-', with at most one 'maker/' before and one ':variant' behind, at most "
                    + ModelId.MAX_LENGTH + " characters)");
        }
        return new ModelId(text);
    }

    /// The nearest name to a file's or a foreign tool's: what is not allowed becomes `-`.
    public static ModelId nearest(String text) {
        String allowed = text.replaceAll("[^A-Za-z0-9._-]+", "-").replaceFirst("^[._-]+", "");
        String name = allowed.isEmpty() ? "model" : allowed;
        return new ModelId(name.substring(0, Math.min(name.length(), ModelId.MAX_LENGTH)));
    }

    /// The file name for a name, one for each: `/` and `:` are in no file name, and `%` is in no model name.
    static String toFileName(ModelId name) {
        return parse(name.value()).value().replace("/", "%2F").replace(":", "%3A") + ENDING;
    }

    /// The name that a file is called after; empty if it is not one that [#toFileName] gives.
    static Optional<ModelId> fromFileName(String fileName) {
        if (!fileName.endsWith(ENDING)) {
            return Optional.empty();
        }
        String name = fileName.substring(0, fileName.length() - ENDING.length())
                .replace("%2F", "/")
                .replace("%3A", ":");
        return isValid(name) ? Optional.of(new ModelId(name)) : Optional.empty();
    }

    private static String shown(String text) {
        String printable = text.replaceAll("[^\\x20-\\x7e]", "?");
        return printable.length() <= SHOWN_CHARACTERS ? printable : printable.substring(0, SHOWN_CHARACTERS) + "…";
    }
}
