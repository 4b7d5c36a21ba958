package dev.millrace.models.catalogue;

/// Whose the files of a model are, and so who may delete them.
public enum Residence {
    /// In the store, under their digest: deleted when no model names them any more.
    STORED,
    /// Somewhere else, known by a reference: never written, never deleted.
    IN_PLACE,
    /// Put into the `models` folder by hand, without telling anyone: never deleted.
    DROPPED_IN,
    /// Shipped with the program.
    BUILT_IN
}
