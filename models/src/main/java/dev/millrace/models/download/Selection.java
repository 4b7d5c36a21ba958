package dev.millrace.models.download;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// A model of a repository: one file, or all files of a split. *Immutable.*
///
/// @param name what people call it: its file without suffix and shard number
/// @param files in the order of their shards
record Selection(String name, List<Listed> files) {
    /// A file of a repository.
    ///
    /// @param path inside the repository
    /// @param sha256 as the hub states it; absent if it does not
    record Listed(String path, long sizeBytes, @Nullable String sha256) {
        String fileName() {
            return path.substring(path.lastIndexOf('/') + 1);
        }
    }

    /// More shards than this are refused.
    static final int MAX_SHARDS = 256;

    private static final int MAX_SHOWN = 40;
    private static final List<String> PREFERRED = List.of("Q4_K_M", "Q4_0", "Q8_0");
    private static final Pattern SHARD = Pattern.compile("(.+)-(\\d{5})-of-(\\d{5})\\.gguf", Pattern.CASE_INSENSITIVE);

    Selection {
        files = List.copyOf(files);
    }

    /// Chooses the model that is meant.
    ///
    /// @param selector a file, a quantisation, or empty
    static Selection choose(List<Listed> listing, String selector) throws PullException {
        List<Selection> models = models(listing);
        if (models.isEmpty()) {
            throw new PullException(PullError.NOT_FOUND, "the repository has no GGUF model files");
        }
        Selection chosen;
        if (selector.toLowerCase(Locale.ROOT).endsWith(".gguf")) {
            chosen = one(byFile(models, selector), models, "file " + selector);
        } else if (!selector.isEmpty()) {
            chosen = one(byToken(models, selector), models, "quantisation " + selector);
        } else {
            chosen = preferred(models);
        }
        return chosen.complete();
    }

    private static List<Selection> models(List<Listed> listing) {
        Map<String, List<Listed>> groups = new LinkedHashMap<>();
        listing.stream()
                .filter(Selection::isModel)
                .sorted(Comparator.comparing(Listed::path))
                .forEach(f -> groups.computeIfAbsent(stem(f.path()), s -> new ArrayList<>())
                        .add(f));
        List<Selection> models = new ArrayList<>();
        groups.forEach((stem, files) -> models.add(new Selection(stem, files)));
        return models;
    }

    // Image projectors and importance matrices are GGUF files too, and no models.
    private static boolean isModel(Listed file) {
        String name = file.fileName().toLowerCase(Locale.ROOT);
        return name.endsWith(".gguf") && !name.contains("mmproj") && !name.contains("imatrix");
    }

    private static String stem(String path) {
        Matcher shard = SHARD.matcher(path);
        return shard.matches() ? shard.group(1) : path.substring(0, path.length() - ".gguf".length());
    }

    private static List<Selection> byFile(List<Selection> models, String file) {
        List<Selection> exact = models.stream()
                .filter(m -> m.files.stream().anyMatch(f -> f.path().equals(file)))
                .toList();
        return exact.isEmpty()
                ? models.stream()
                        .filter(m -> m.files.stream().anyMatch(f -> f.fileName().equals(file)))
                        .toList()
                : exact;
    }

    private static List<Selection> byToken(List<Selection> models, String token) {
        Pattern whole = Pattern.compile(
                "(?<![A-Za-z0-9])" + Pattern.quote(token) + "(?![A-Za-z0-9_])", Pattern.CASE_INSENSITIVE);
        return models.stream().filter(m -> whole.matcher(m.name).find()).toList();
    }

    private static Selection preferred(List<Selection> models) throws PullException {
        for (String quantisation : PREFERRED) {
            List<Selection> found = byToken(models, quantisation);
            if (!found.isEmpty()) {
                return one(found, models, "quantisation " + quantisation);
            }
        }
        return one(models, models, "file");
    }

    private static Selection one(List<Selection> found, List<Selection> all, String what) throws PullException {
        if (found.size() == 1) {
            return found.getFirst();
        }
        List<Selection> shown = found.isEmpty() ? all : found;
        throw new PullException(
                found.isEmpty() ? PullError.NOT_FOUND : PullError.INVALID_REFERENCE,
                (found.isEmpty() ? "the repository has no " + what + "; there are: " : "name one file; there are: ")
                        + names(shown));
    }

    private static String names(List<Selection> models) {
        List<String> names = models.stream()
                .limit(MAX_SHOWN)
                .map(m -> m.files.size() == 1
                        ? m.files.getFirst().path()
                        : m.files.getFirst().path() + " (split)")
                .toList();
        return String.join(", ", names) + (models.size() > MAX_SHOWN ? ", ..." : "");
    }

    private Selection complete() throws PullException {
        int expected = 1;
        Matcher shard = SHARD.matcher(files.getFirst().path());
        if (shard.matches()) {
            expected = Integer.parseInt(shard.group(3));
        }
        if (files.size() != expected || expected > MAX_SHARDS) {
            throw new PullException(
                    PullError.NOT_FOUND,
                    "the model is split into " + expected + " files and the repository has " + files.size()
                            + " of them (limit: " + MAX_SHARDS + ")");
        }
        return new Selection(name.substring(name.lastIndexOf('/') + 1), files);
    }
}
