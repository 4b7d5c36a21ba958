package dev.millrace.models.foreign;

import dev.millrace.models.catalogue.ModelName;
import dev.millrace.models.catalogue.Shards;
import java.io.IOException;
import java.nio.file.FileVisitOption;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// GGUF files below a folder. Links to folders are not followed. *Immutable.*
record ModelTree(Path root, String origin, Naming naming) {
    static final int MAX_DEPTH = 8;
    static final int MAX_FILES = 10_000;
    private static final int MAX_VISITED = 500_000;

    /// What models are called.
    enum Naming {
        /// Like their files.
        PLAIN,
        /// Like their files, behind the name of the outermost folder.
        MAKER
    }

    List<FoundModel> find() {
        Path start = realRoot();
        List<FoundModel> found = new ArrayList<>();
        for (List<Path> files : Shards.group(modelFiles(start, MAX_DEPTH))) {
            found.add(new Candidate(nameOf(start, files.getFirst()), files, origin).judge(start));
        }
        return found;
    }

    /// The folder may itself be a link, to a larger disk for example.
    private Path realRoot() {
        try {
            return root.toRealPath();
        } catch (IOException e) {
            return root;
        }
    }

    private String nameOf(Path start, Path file) {
        Path relative = start.relativize(file);
        String own = ModelName.nearest(Shards.stem(file)).value();
        boolean made = naming == Naming.MAKER && relative.getNameCount() > 1;
        return made ? ModelName.nearest(relative.getName(0).toString()) + "/" + own : own;
    }

    /// Files and links to files; what cannot be visited is passed over.
    static List<Path> modelFiles(Path root, int depth) {
        List<Path> files = new ArrayList<>();
        if (!Files.isDirectory(root)) {
            return files;
        }
        int[] visited = {0};
        try {
            Files.walkFileTree(root, EnumSet.noneOf(FileVisitOption.class), depth, new SimpleFileVisitor<>() {
                @Override
                public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
                    if (Shards.isModelFile(file) && !attributes.isDirectory()) {
                        files.add(file);
                    }
                    boolean enough = files.size() >= MAX_FILES || ++visited[0] >= MAX_VISITED;
                    return enough ? FileVisitResult.TERMINATE : FileVisitResult.CONTINUE;
                }

                @Override
                public FileVisitResult visitFileFailed(Path file, IOException failure) {
                    return FileVisitResult.CONTINUE;
                }

                @Override
                public FileVisitResult postVisitDirectory(Path folder, @Nullable IOException failure) {
                    return FileVisitResult.CONTINUE;
                }
            });
        } catch (IOException e) {
            return files;
        }
        return files;
    }
}
