package dev.millrace.models.catalogue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// The names of models that are split into several files: `name-00002-of-00003.gguf`. llama.cpp knows the
/// others by the name of the first.
public final class Shards {
    /// Most files that one model may be split into.
    public static final int MAX_SHARDS = 1_000;

    private static final String ENDING = ".gguf";
    private static final Pattern NAME = Pattern.compile("(.+)-(\\d{5})-of-(\\d{5})\\.gguf", Pattern.CASE_INSENSITIVE);

    private Shards() {}

    /// True if a file is called like a model.
    public static boolean isModelFile(Path file) {
        return nameOf(file).toLowerCase(Locale.ROOT).endsWith(ENDING);
    }

    /// The name without number and ending.
    public static String stem(Path file) {
        String name = nameOf(file);
        Matcher m = NAME.matcher(name);
        if (m.matches()) {
            return m.group(1);
        }
        return isModelFile(file) ? name.substring(0, name.length() - ENDING.length()) : name;
    }

    /// Puts the files of each model together, in the order of their numbers; missing ones are not made up.
    public static List<List<Path>> group(Collection<Path> files) {
        Map<String, List<Path>> groups = new LinkedHashMap<>();
        for (Path file : files.stream().sorted().toList()) {
            Matcher m = NAME.matcher(nameOf(file));
            String key = m.matches() ? m.group(1) + "/" + m.group(3) : nameOf(file);
            groups.computeIfAbsent(file.resolveSibling("") + "//" + key, _ -> new ArrayList<>())
                    .add(file);
        }
        return groups.values().stream().map(List::copyOf).toList();
    }

    /// All files of the model that `file` belongs to, looked for in its folder.
    ///
    /// @throws CatalogueRefusedException if one is missing
    static List<Path> complete(Path file) throws IOException {
        Matcher m = NAME.matcher(nameOf(file));
        if (!m.matches()) {
            return List.of(file);
        }
        int count = Integer.parseInt(m.group(3));
        if (count < 1 || count > MAX_SHARDS) {
            throw new CatalogueRefusedException(file + ": in " + count + " parts (expected: 1.." + MAX_SHARDS + ")");
        }
        List<Path> files = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            Path shard = file.resolveSibling(fileName(m.group(1), i, count));
            if (!Files.isRegularFile(shard)) {
                throw new CatalogueRefusedException(
                        "part " + (i + 1) + " of " + count + " is missing: there is no " + shard);
            }
            files.add(shard);
        }
        return files;
    }

    static String fileName(String stem, int index, int count) {
        return String.format(Locale.ROOT, "%s-%05d-of-%05d%s", stem, index + 1, count, ENDING);
    }

    private static String nameOf(Path file) {
        return String.valueOf(file.getFileName());
    }
}
