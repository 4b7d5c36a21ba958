/// Which models are on this machine: those in the store, and those that lie elsewhere and are used in
/// place.
///
/// The store is `<data directory>/models`: `blobs/sha256-<hex>` holds content, read-only;
/// `manifests/<name>.json` says which blobs, or which files elsewhere, are a model; `aliases/<alias>.json`
/// holds further names; `partial` unfinished downloads; `shards` the blobs of split models once more, by
/// hard links under the names that llama.cpp looks for. Model files that somebody puts into `models` itself
/// are listed as they are.
@NullMarked
package dev.millrace.models.catalogue;

import org.jspecify.annotations.NullMarked;
