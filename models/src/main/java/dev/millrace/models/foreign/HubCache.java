package dev.millrace.models.foreign;

import dev.millrace.models.catalogue.ModelName;
import dev.millrace.models.catalogue.Shards;
import dev.millrace.models.catalogue.SmallFiles;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/// The cache of the Hugging Face libraries: `models--<org>--<repo>/snapshots/<revision>/` with links into the
/// repository's `blobs`. A file that is in several revisions is taken from the one that `refs/main` names.
/// *Immutable.*
record HubCache(Path hub) {
    private static final String PREFIX = "models--";
    private static final String ORIGIN = "Hugging Face";
    private static final int MAX_REPOSITORIES = 10_000;
    private static final int MAX_REVISIONS = 1_000;
    private static final int MAX_REVISION_BYTES = 1_000;

    List<FoundModel> find() {
        Map<String, FoundModel> found = new LinkedHashMap<>();
        for (Path repository : folders(hub, MAX_REPOSITORIES)) {
            String name = String.valueOf(repository.getFileName());
            if (name.startsWith(PREFIX)) {
                addRepository(repository, name.substring(PREFIX.length()), found);
            }
        }
        return List.copyOf(found.values());
    }

    private void addRepository(Path repository, String name, Map<String, FoundModel> found) {
        int end = name.indexOf("--");
        String maker = end > 0 ? ModelName.nearest(name.substring(0, end)) + "/" : "";
        for (Path revision : revisions(repository)) {
            for (List<Path> files : Shards.group(ModelTree.modelFiles(revision, ModelTree.MAX_DEPTH))) {
                String own = maker + ModelName.nearest(Shards.stem(files.getFirst()));
                FoundModel known = found.get(own);
                if (known == null || !known.isUsable()) {
                    found.put(own, new Candidate(own, files, ORIGIN).judge(hub));
                }
            }
        }
    }

    /// The current one first, the others from the newest to the oldest.
    private static List<Path> revisions(Path repository) {
        String main = "";
        try {
            byte[] text = SmallFiles.read(repository.resolve("refs").resolve("main"), MAX_REVISION_BYTES);
            main = new String(text, StandardCharsets.US_ASCII).strip();
        } catch (IOException e) {
            // Without it, all revisions are alike.
        }
        String current = main;
        List<Path> revisions = new ArrayList<>(folders(repository.resolve("snapshots"), MAX_REVISIONS));
        revisions.sort(Comparator.comparing((Path revision) ->
                        !String.valueOf(revision.getFileName()).equals(current))
                .thenComparing(HubCache::modified, Comparator.reverseOrder()));
        return revisions;
    }

    private static long modified(Path folder) {
        try {
            return Files.getLastModifiedTime(folder).toMillis();
        } catch (IOException e) {
            return 0;
        }
    }

    private static List<Path> folders(Path parent, int maximum) {
        try (Stream<Path> found = Files.list(parent)) {
            return found.filter(Files::isDirectory).sorted().limit(maximum).toList();
        } catch (IOException e) {
            return List.of();
        }
    }
}
