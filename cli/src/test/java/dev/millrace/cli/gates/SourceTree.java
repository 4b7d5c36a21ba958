package dev.millrace.cli.gates;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/// The files of a checkout, without what is built, downloaded or ignored.
record SourceTree(Path root, List<Path> files) {
    private static final Set<String> NOT_OURS =
            Set.of(".git", "target", "node_modules", ".idea", ".vscode", ".settings", "__pycache__", ".venv");

    /// The checkout that the tests run in: the nearest folder above with the parent POM.
    static SourceTree ofThisCheckout() {
        Path folder = Path.of("").toAbsolutePath();
        while (folder != null && !Files.exists(folder.resolve(".mvn"))) {
            folder = folder.getParent();
        }
        if (folder == null) {
            throw new IllegalStateException("no .mvn folder above the working folder");
        }
        return read(folder);
    }

    private static SourceTree read(Path root) {
        List<Path> files = new ArrayList<>();
        try {
            Files.walkFileTree(root, new SimpleFileVisitor<>() {
                @Override
                public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes) {
                    return NOT_OURS.contains(folder.getFileName().toString())
                            ? FileVisitResult.SKIP_SUBTREE
                            : FileVisitResult.CONTINUE;
                }

                @Override
                public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
                    files.add(file);
                    return FileVisitResult.CONTINUE;
                }
            });
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        files.sort(null);
        return new SourceTree(root, files);
    }

    /// Path below the root, with forward slashes.
    String name(Path file) {
        return root.relativize(file).toString().replace('\\', '/');
    }

    /// Java sources, without the examples that break rules on purpose.
    List<Path> javaFiles() {
        return files.stream()
                .filter(f -> f.toString().endsWith(".java"))
                .filter(f -> !name(f).contains("/gates/fixture/"))
                .toList();
    }

    /// Files with one of these endings.
    List<Path> endingIn(String... endings) {
        return files.stream()
                .filter(f ->
                        List.of(endings).stream().anyMatch(e -> f.toString().endsWith(e)))
                .toList();
    }
}
