package dev.millrace.models.download;

import dev.millrace.core.id.ModelId;
import dev.millrace.models.catalogue.Catalogue;
import dev.millrace.models.catalogue.StoredFile;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/// The catalogue as a place to land. *Thread-safe.*
record CatalogueLanding(Catalogue catalogue) implements Landing {
    @Override
    public void land(ModelId name, List<StoredFile> files, String origin) throws IOException {
        catalogue.adopt(name, files, origin);
    }

    @Override
    public boolean holds(ModelId name, List<String> sha256) {
        return catalogue
                .find(name.value())
                .filter(entry -> entry.id().equals(name))
                .map(entry -> entry.files().stream().map(StoredFile::sha256).toList())
                .filter(sha256::equals)
                .isPresent();
    }

    @Override
    public Optional<StoredFile> present(String sha256) {
        return catalogue.blob(sha256);
    }
}
