package dev.millrace.models.catalogue;

import dev.millrace.core.id.ModelId;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A folder with one JSON file per name. Each call looks at the folder again and reads only what changed
/// since, so what another process did is seen at once. A damaged file is passed over with a warning.
/// *Thread-safe.*
final class NamedFiles<T> {
    /// Most files that are looked at; the rest is named in a warning.
    static final int MAX_FILES = 10_000;

    private static final Logger LOG = LoggerFactory.getLogger(NamedFiles.class);
    private static final int REMEMBERED = 2_000;

    private final Path folder;
    private final Parser<T> parser;
    private final BoundedCache<FileStamp, Parsed<T>> parsed = new BoundedCache<>(REMEMBERED);

    NamedFiles(Path folder, Parser<T> parser) {
        this.folder = folder;
        this.parser = parser;
    }

    /// Makes a value of a file.
    interface Parser<T> {
        T parse(byte[] text, ModelId name) throws IOException;
    }

    private record Parsed<T>(@Nullable T value, String problem) {}

    /// What the folder holds.
    ///
    /// @param warnings one for each file that was passed over
    record Content<T>(SortedMap<String, T> byName, List<String> warnings) {}

    Content<T> read() {
        SortedMap<String, T> byName = new TreeMap<>();
        List<String> warnings = new ArrayList<>();
        for (Path file : files(warnings::add)) {
            ModelId name =
                    ModelName.fromFileName(String.valueOf(file.getFileName())).orElse(null);
            if (name == null) {
                warnings.add(file + ": passed over, as no model is called that");
                continue;
            }
            Parsed<T> found = read(file, name);
            if (found != null && found.value() != null) {
                byName.put(name.value(), found.value());
            } else if (found != null) {
                warnings.add(file + ": passed over, as it is damaged: " + found.problem());
            }
        }
        return new Content<>(byName, warnings);
    }

    private List<Path> files(Consumer<String> warnings) {
        List<Path> files = new ArrayList<>();
        try (DirectoryStream<Path> found = Files.newDirectoryStream(folder, "*.json")) {
            for (Path file : found) {
                if (files.size() == MAX_FILES) {
                    warnings.accept(folder + ": only the first " + MAX_FILES + " files are looked at");
                    break;
                }
                files.add(file);
            }
        } catch (NoSuchFileException | NotDirectoryException e) {
            return List.of();
        } catch (IOException e) {
            warnings.accept(folder + ": cannot be read: " + e);
        }
        return files;
    }

    private @Nullable Parsed<T> read(Path file, ModelId name) {
        try {
            FileStamp stamp = FileStamp.of(file, LinkOption.NOFOLLOW_LINKS);
            Parsed<T> known = parsed.find(stamp);
            if (known != null) {
                return known;
            }
            Parsed<T> made = parse(file, name, stamp);
            parsed.put(stamp, made);
            return made;
        } catch (NoSuchFileException e) {
            return null; // removed meanwhile
        } catch (IOException e) {
            return new Parsed<>(null, String.valueOf(e.getMessage()));
        }
    }

    private Parsed<T> parse(Path file, ModelId name, FileStamp stamp) throws NoSuchFileException {
        try {
            if (!stamp.regular()) {
                throw new IOException("not a plain file");
            }
            byte[] text = SmallFiles.read(file, ManifestJson.MAX_BYTES, LinkOption.NOFOLLOW_LINKS);
            return new Parsed<>(parser.parse(text, name), "");
        } catch (NoSuchFileException e) {
            throw e;
        } catch (IOException e) {
            LOG.warn("event=catalogue.file.damaged file={} reason=\"{}\"", file, e.getMessage());
            return new Parsed<>(null, String.valueOf(e.getMessage()));
        }
    }
}
