package dev.millrace.models.catalogue;

import dev.millrace.core.id.ModelId;
import dev.millrace.gguf.GgufSummary;
import dev.millrace.gguf.InvalidGgufException;
import dev.millrace.models.catalogue.Manifest.Part;
import java.io.IOException;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Compares what is remembered of a model with its files as they are now. Headers are read again only when
/// the files changed. *Thread-safe.*
final class EntryReader {
    private static final int REMEMBERED = 500;

    private final StoreLayout layout;
    private final BoundedCache<List<FileStamp>, Reading> readings = new BoundedCache<>(REMEMBERED);

    EntryReader(StoreLayout layout) {
        this.layout = layout;
    }

    private record Reading(@Nullable CheckedModel model, String problem) {}

    /// A model with a manifest.
    CatalogueEntry of(Manifest manifest) {
        List<StoredFile> files = files(manifest);
        String problem = "";
        for (int i = 0; i < files.size() && problem.isEmpty(); i++) {
            problem = problem(manifest.parts().get(i), files.get(i));
        }
        GgufSummary summary = manifest.summary();
        if (summary == null) {
            Reading reading = problem.isEmpty() ? read(files) : new Reading(null, problem);
            summary = reading.model() == null ? unknown(files) : reading.model().summary();
            problem = reading.problem();
        }
        String whyNot = Purpose.whyNot(summary);
        if (problem.isEmpty() && whyNot != null) {
            problem = whyNot;
        }
        return new CatalogueEntry(
                manifest.name(),
                files,
                summary,
                manifest.origin(),
                manifest.added(),
                List.of(),
                manifest.isStored() ? Residence.STORED : Residence.IN_PLACE,
                problem);
    }

    /// A model that lies somewhere without a manifest.
    ///
    /// @param paths of its files, at least one
    CatalogueEntry of(ModelId name, List<Path> paths, Residence residence) {
        List<StoredFile> files = new ArrayList<>();
        long modified = 0;
        try {
            for (Path path : paths) {
                FileStamp stamp = FileStamp.of(path);
                files.add(new StoredFile(path, stamp.sizeBytes(), ""));
                modified = Math.max(modified, stamp.modifiedMillis());
            }
        } catch (IOException e) {
            files = paths.stream().map(path -> new StoredFile(path, 0, "")).toList();
        }
        Reading reading = read(files);
        CheckedModel model = reading.model();
        return new CatalogueEntry(
                name,
                model == null ? files : model.files(),
                model == null ? unknown(files) : model.summary(),
                residence == Residence.BUILT_IN ? "built in" : "file",
                Instant.ofEpochMilli(modified),
                List.of(),
                residence,
                reading.problem());
    }

    /// Where the files of a model are; for a stored model in several files, under the names that llama.cpp
    /// looks for.
    List<StoredFile> files(Manifest manifest) {
        List<StoredFile> files = new ArrayList<>();
        int count = manifest.parts().size();
        for (int i = 0; i < count; i++) {
            Part part = manifest.parts().get(i);
            Path path = part.path();
            if (path == null && count == 1) {
                path = layout.blob(part.sha256());
            } else if (path == null) {
                path = layout.shardFolder(manifest.shardKey()).resolve(Shards.fileName("model", i, count));
            }
            files.add(new StoredFile(path, part.sizeBytes(), part.sha256()));
        }
        return files;
    }

    private static String problem(Part part, StoredFile file) {
        try {
            if (part.path() == null) {
                FileStamp stamp = FileStamp.of(file.path(), LinkOption.NOFOLLOW_LINKS);
                boolean same = stamp.regular() && stamp.sizeBytes() == part.sizeBytes();
                return same ? "" : file.path() + " is damaged: pull the model again";
            }
            FileStamp stamp = FileStamp.of(file.path());
            if (stamp.sizeBytes() == part.sizeBytes() && stamp.modifiedMillis() == part.modifiedMillis()) {
                return "";
            }
            return file.path() + " was changed after it was added: it had " + part.sizeBytes() + " bytes, written "
                    + Instant.ofEpochMilli(part.modifiedMillis()) + ", and has " + stamp.sizeBytes()
                    + " bytes, written " + Instant.ofEpochMilli(stamp.modifiedMillis())
                    + "; import it again if that is right";
        } catch (NoSuchFileException e) {
            return file.path() + " is missing";
        } catch (IOException e) {
            return file.path() + " cannot be read: " + e.getMessage();
        }
    }

    private Reading read(List<StoredFile> files) {
        try {
            List<FileStamp> stamps = new ArrayList<>();
            for (StoredFile file : files) {
                stamps.add(FileStamp.of(file.path()));
            }
            Reading known = readings.find(stamps);
            if (known != null) {
                return known;
            }
            Reading made = check(files);
            readings.put(stamps, made);
            return made;
        } catch (NoSuchFileException e) {
            return new Reading(null, e.getFile() + " is missing");
        } catch (IOException e) {
            return new Reading(null, String.valueOf(e.getMessage()));
        }
    }

    private static Reading check(List<StoredFile> files) throws IOException {
        try {
            CheckedModel model = CheckedModel.read(files);
            String whyNot = Purpose.whyNot(model.summary());
            return new Reading(model, whyNot == null ? "" : whyNot);
        } catch (InvalidGgufException e) {
            return new Reading(null, "not a sound model: " + e.getMessage());
        }
    }

    private static GgufSummary unknown(List<StoredFile> files) {
        long size = files.stream().mapToLong(StoredFile::sizeBytes).sum();
        return new GgufSummary("", "", 0, "", 0, 0, null, "", 0, files.size(), size);
    }
}
