package dev.millrace.models.catalogue;

import dev.millrace.core.id.ModelId;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/// A data directory with a catalogue, at a standing clock. *Confined to one thread.*
final class CatalogueFixture {
    static final Instant NOW = Instant.parse("2026-11-23T12:00:00Z");

    final Path data;
    final Catalogue catalogue;

    CatalogueFixture(Path data) {
        this.data = data;
        catalogue = open(data);
    }

    static Catalogue open(Path data) {
        return Catalogue.open(data, InstantSource.fixed(NOW));
    }

    static ModelId id(String name) {
        return new ModelId(name);
    }

    Path models() {
        return data.resolve("models");
    }

    /// A finished download that nobody adopted yet.
    StoredFile downloaded(TinyGguf content) {
        try {
            Path file = content.writeTo(
                    Files.createTempFile(Files.createDirectories(catalogue.partialDirectory()), "download", ".part"));
            return new StoredFile(file, Files.size(file), Sha256.of(file, _ -> {}));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    CatalogueEntry adopt(String name, TinyGguf... parts) throws IOException {
        List<StoredFile> files = new ArrayList<>();
        for (TinyGguf part : parts) {
            files.add(downloaded(part));
        }
        return catalogue.adopt(id(name), files, "test");
    }

    List<String> names() {
        return catalogue.entries().stream().map(entry -> entry.id().value()).toList();
    }

    List<Path> blobs() {
        return list(models().resolve("blobs"));
    }

    static List<Path> list(Path folder) {
        if (!Files.exists(folder)) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(folder)) {
            return files.sorted().toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
