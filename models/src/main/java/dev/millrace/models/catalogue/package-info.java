/// Which models are on this machine: those in the store, and those that lie elsewhere and are used in place.
@NullMarked
package dev.millrace.models.catalogue;

import org.jspecify.annotations.NullMarked;
