package dev.millrace.cli.models;

import dev.millrace.cli.client.ModelView;
import dev.millrace.cli.console.Amounts;
import java.time.Duration;

/// How a model of a running server is told of. Pure.
final class LoadWords {
    private static final int PERCENT = 100;

    private LoadWords() {}

    /// For example `ready` or `loading 43 %`.
    static String state(ModelView model) {
        return switch (model.value()) {
            case "loading" ->
                model.phase().equals("queued")
                        ? "waiting"
                        : "loading " + (int) Math.floor(model.progress() * PERCENT) + " %";
            case "downloading" -> "downloading " + (int) Math.floor(model.progress() * PERCENT) + " %";
            case "loaded" -> "ready";
            case "unloading" -> "stopping";
            case "unloaded" -> "not loaded";
            default -> model.value();
        };
    }

    /// For example `loading the weights, 4 s left`.
    static String phase(ModelView model) {
        String words = switch (model.phase()) {
            case "queued" -> "waiting for its turn";
            case "evicting" -> "making room";
            case "starting" -> "starting its engine";
            case "loading" -> "reading the weights";
            case "warming" -> "warming up";
            default -> model.phase();
        };
        Duration left = model.timeLeft();
        return left == null || left.toMillis() < 1000 ? words : words + ", " + Amounts.duration(left) + " left";
    }

    /// For example `151 MiB`, or `~151 MiB` if it is an estimate; empty if nothing is known.
    static String memory(ModelView model) {
        return model.memoryBytes() == 0 ? "" : (model.isMeasured() ? "" : "~") + Amounts.size(model.memoryBytes());
    }

    /// When a model that is ready leaves by itself.
    static String leaving(ModelView model) {
        if (!model.value().equals("loaded")) {
            return "";
        }
        Duration left = model.expiresIn();
        if (model.isPinned()) {
            return "pinned";
        }
        return left != null ? Amounts.duration(left) : model.requests() > 0 ? "in use" : "never";
    }
}
