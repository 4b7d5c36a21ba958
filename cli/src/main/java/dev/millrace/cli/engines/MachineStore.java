package dev.millrace.cli.engines;

import dev.millrace.core.id.ModelId;
import dev.millrace.models.catalogue.Catalogue;
import dev.millrace.models.catalogue.Removability;
import dev.millrace.models.catalogue.Removed;
import dev.millrace.models.catalogue.StoredFile;
import dev.millrace.models.download.Downloads;
import dev.millrace.models.download.Landing;
import dev.millrace.models.download.PullLimits;
import dev.millrace.models.download.PullSettings;
import dev.millrace.models.download.Puller;
import dev.millrace.models.download.Surroundings;
import dev.millrace.models.download.Switches;
import dev.millrace.server.config.StoreConfig;
import dev.millrace.server.models.ModelStore;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/// The catalogue of this machine, as a server changes it. *Thread-safe.*
final class MachineStore implements ModelStore {
    private static final Switches SWITCHES =
            new Switches("models.download-hosts", "models.largest", "\"name\"", "\"sha256\"");

    private final Catalogue catalogue;
    private final MachineModels models;
    private final Downloads downloads;

    /// @throws dev.millrace.cli.console.CommandFailedException if the token cannot be read
    MachineStore(Catalogue catalogue, MachineModels models, StoreConfig config, Surroundings surroundings) {
        this.catalogue = catalogue;
        this.models = models;
        var settings = new PullSettings(
                catalogue.partialDirectory(),
                config.hub(),
                config.hosts(),
                config.tokenFile() == null ? null : TokenFile.read(config.tokenFile()),
                PullSettings.DEFAULT_PARTS,
                config.maxSize(),
                PullLimits.DEFAULT,
                SWITCHES);
        downloads = new Downloads(new Puller(settings, surroundings, new Offered()));
    }

    /// What has landed is on offer before anybody is told.
    private final class Offered implements Landing {
        private final Landing landing = Landing.in(catalogue);

        @Override
        public void land(ModelId name, List<StoredFile> files, String origin) throws IOException {
            landing.land(name, files, origin);
            models.refresh();
        }

        @Override
        public boolean holds(ModelId name, List<String> sha256) throws IOException {
            return landing.holds(name, sha256);
        }

        @Override
        public Optional<StoredFile> present(String sha256) {
            return landing.present(sha256);
        }
    }

    @Override
    public Removability removability(String nameOrAlias) {
        return catalogue.removability(nameOrAlias);
    }

    @Override
    public boolean isIndispensable(ModelId model) {
        return models.isFirst(model);
    }

    @Override
    public void withhold(ModelId model) {
        models.withhold(model, true);
    }

    @Override
    public void offer(ModelId model) {
        models.withhold(model, false);
    }

    @Override
    public Removed remove(ModelId model) throws IOException {
        Removed removed = catalogue.remove(model.value());
        models.withhold(model, false);
        return removed;
    }

    @Override
    public void unalias(String alias) throws IOException {
        catalogue.unalias(alias);
        models.refresh();
    }

    @Override
    public Downloads downloads() {
        return downloads;
    }
}
