package dev.millrace.server.models;

import dev.millrace.engine.Engine;

/// Whether a model can be used. *Immutable.*
public sealed interface ModelState {
    /// On its way.
    ///
    /// @param progress 0..1
    record Loading(float progress) implements ModelState {
        /// Just begun.
        public static final Loading START = new Loading(0);
    }

    /// Usable.
    record Ready(Engine engine) implements ModelState {}

    /// Will not be usable.
    ///
    /// @param reason for people: what is wrong and what to do
    record Failed(String reason) implements ModelState {}
}
