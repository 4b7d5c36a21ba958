/// Ids as records, so that a model name is never passed where a request id is meant.
@NullMarked
package dev.millrace.core.id;

import org.jspecify.annotations.NullMarked;
