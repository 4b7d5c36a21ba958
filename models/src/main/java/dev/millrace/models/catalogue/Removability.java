package dev.millrace.models.catalogue;

import dev.millrace.core.id.ModelId;
import java.nio.file.Path;

/// What may be done about a name if somebody wants it gone. *Immutable.*
public sealed interface Removability {
    /// It stands for nothing.
    record Unknown() implements Removability {}

    /// It is one more name of a model, and may go without it.
    record Alias(ModelId of) implements Removability {}

    /// [Catalogue#remove] takes it away.
    record Removable(ModelId model) implements Removability {}

    /// It is part of the program.
    record BuiltIn(ModelId model) implements Removability {}

    /// Somebody put the file where it is, and alone may take it away.
    record DroppedIn(ModelId model, Path file) implements Removability {}
}
