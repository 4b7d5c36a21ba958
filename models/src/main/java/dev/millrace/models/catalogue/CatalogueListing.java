package dev.millrace.models.catalogue;

import java.util.List;

/// What the catalogue holds at one moment. *Immutable.*
///
/// @param entries ordered by name, one per name
/// @param warnings what was skipped and why, one line each, for people
public record CatalogueListing(List<CatalogueEntry> entries, List<String> warnings) {
    public CatalogueListing {
        entries = List.copyOf(entries);
        warnings = List.copyOf(warnings);
    }
}
