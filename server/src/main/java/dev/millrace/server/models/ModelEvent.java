package dev.millrace.server.models;

import dev.millrace.core.id.ModelId;
import dev.millrace.models.download.Download;
import dev.millrace.models.lifecycle.ModelStatus;

/// What watchers of the models are told. *Immutable.*
public sealed interface ModelEvent {
    /// What this is about: of two events about the same, the later one says it all.
    String subject();

    /// A model is in another state.
    record Changed(ModelStatus status) implements ModelEvent {
        @Override
        public String subject() {
            return "model " + status.model();
        }
    }

    /// A model is on offer no more.
    record Removed(ModelId model) implements ModelEvent {
        @Override
        public String subject() {
            return "model " + model;
        }
    }

    /// A download went on, or ended.
    record Downloading(Download download) implements ModelEvent {
        @Override
        public String subject() {
            return "download " + download.reference();
        }
    }

    /// There are other models than before.
    record Reloaded() implements ModelEvent {
        @Override
        public String subject() {
            return "*";
        }
    }
}
