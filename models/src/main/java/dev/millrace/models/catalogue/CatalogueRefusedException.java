package dev.millrace.models.catalogue;

import java.io.IOException;

/// A change that the catalogue does not make; everything is as it was before. The message says why, for
/// people.
public final class CatalogueRefusedException extends IOException {
    private static final long serialVersionUID = 1L;

    public CatalogueRefusedException(String message) {
        super(message);
    }
}
