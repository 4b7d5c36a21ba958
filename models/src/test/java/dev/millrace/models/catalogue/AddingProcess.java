package dev.millrace.models.catalogue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/// A program that adds models to a catalogue and removes some again, for tests that start several.
final class AddingProcess {
    private AddingProcess() {}

    /// @param args the data directory, a prefix for names, how many models, and a file to refer to
    public static void main(String[] args) throws IOException {
        CatalogueFixture fixture = new CatalogueFixture(Path.of(args[0]));
        for (int i = 0; i < Integer.parseInt(args[2]); i++) {
            String name = args[1] + "-" + i;
            fixture.adopt(name, TinyGguf.named(name));
            fixture.catalogue.reference(CatalogueFixture.id(name + "-ref"), List.of(Path.of(args[3])), "file");
            fixture.catalogue.alias(name + "-alias", name);
            fixture.adopt(name + "-gone", TinyGguf.named(name + "-gone"));
            fixture.catalogue.remove(name + "-gone");
        }
    }
}
