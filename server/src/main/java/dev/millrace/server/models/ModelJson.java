package dev.millrace.server.models;

import dev.millrace.core.id.ModelId;
import dev.millrace.engine.ModelDescription;
import dev.millrace.models.download.Download;
import dev.millrace.models.lifecycle.ModelState;
import dev.millrace.models.lifecycle.ModelStatus;
import dev.millrace.protocol.json.JsonBytes;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// Models as JSON: OpenAI's fields, llama-server's `status` and `meta`, and what we know beyond them.
public final class ModelJson {
    private static final int THOUSAND = 1000;

    private ModelJson() {}

    /// One entry of `/v1/models` and `/models`.
    ///
    /// @param description of a model in memory; else `null`
    public static void entry(
            JsonBytes out, ModelStatus status, @Nullable ModelDescription description, long createdSeconds) {
        out.ascii("{\"id\":").string(status.model().value());
        out.ascii(",\"object\":\"model\",\"created\":").number(createdSeconds);
        out.ascii(",\"owned_by\":\"millrace\",\"status\":");
        status(out, status);
        if (description != null) {
            meta(out, description);
        }
        out.ascii("}");
    }

    /// One entry for a model that runs at an upstream.
    public static void elsewhere(JsonBytes out, String name, long createdSeconds) {
        out.ascii("{\"id\":").string(name);
        out.ascii(",\"object\":\"model\",\"created\":").number(createdSeconds);
        out.ascii(",\"owned_by\":\"millrace\",\"status\":{\"value\":\"loaded\",\"upstream\":true}}");
    }

    /// One event of `/models/sse`.
    public static void event(JsonBytes out, ModelEvent event) {
        switch (event) {
            case ModelEvent.Changed(ModelStatus status) -> changed(out, status);
            case ModelEvent.Downloading(Download download) -> DownloadJson.event(out, download);
            case ModelEvent.Removed(ModelId model) ->
                out.ascii("{\"model\":").string(model.value()).ascii(",\"event\":\"model_remove\"}");
            case ModelEvent.Reloaded _ -> out.ascii("{\"model\":\"*\",\"event\":\"models_reload\"}");
        }
    }

    private static void changed(JsonBytes out, ModelStatus status) {
        out.ascii("{\"model\":").string(status.model().value());
        out.ascii(",\"event\":\"status_change\",\"data\":{\"status\":\"")
                .ascii(word(status))
                .ascii("\"");
        if (isLoading(status)) {
            out.ascii(",\"progress\":{\"stages\":[\"queued\",\"evicting\",\"starting\",\"loading\",\"warming\"]")
                    .ascii(",\"current\":\"")
                    .ascii(phase(status.state()))
                    .ascii("\",\"value\":")
                    .thousandths(Math.round(status.progress() * THOUSAND))
                    .ascii("}");
        }
        out.ascii(",\"details\":");
        status(out, status);
        out.ascii("}}");
    }

    private static void status(JsonBytes out, ModelStatus status) {
        out.ascii("{\"value\":\"").ascii(word(status)).ascii("\"");
        if (isLoading(status)) {
            out.ascii(",\"phase\":\"").ascii(phase(status.state())).ascii("\",\"progress\":");
            out.thousandths(Math.round(status.progress() * THOUSAND));
            millis(out, "time_left_ms", status.timeLeft());
        }
        out.ascii(",\"requests\":").number(status.users());
        out.ascii(",\"waiting\":").number(status.waiters());
        if (status.reservedBytes() > 0) {
            out.ascii(",\"memory_bytes\":").number(status.reservedBytes());
            out.ascii(",\"memory_measured\":").ascii(Boolean.toString(status.measuredBytes() > 0));
        }
        millis(out, "expires_in_ms", status.expiresIn());
        if (status.pinned()) {
            out.ascii(",\"pinned\":true");
        }
        if (status.failure() != null) {
            out.ascii(",\"failed\":true,\"reason\":").string(status.failure());
            millis(out, "retry_in_ms", status.retryIn());
        }
        out.ascii("}");
    }

    private static void millis(JsonBytes out, String name, @Nullable Duration duration) {
        if (duration != null) {
            out.ascii(",\"").ascii(name).ascii("\":").number(Math.max(0, duration.toMillis()));
        }
    }

    private static void meta(JsonBytes out, ModelDescription model) {
        out.ascii(",\"meta\":{\"engine\":").string(model.engine());
        out.ascii(",\"n_ctx\":").number(model.contextTokens());
        out.ascii(",\"n_params\":").number(model.parameters());
        out.ascii(",\"size\":").number(model.sizeBytes());
        out.ascii(",\"simulated\":").ascii(Boolean.toString(model.simulated())).ascii("}");
    }

    /// llama-server's word, which its clients know.
    static String word(ModelStatus status) {
        return switch (status.state()) {
            case UNLOADED -> "unloaded";
            case QUEUED, EVICTING, STARTING, LOADING, WARMING -> "loading";
            case READY -> status.draining() ? "unloading" : "loaded";
            case STOPPING -> "unloading";
            case FAILED -> "failed";
        };
    }

    private static String phase(ModelState state) {
        return state.name().toLowerCase(java.util.Locale.ROOT);
    }

    private static boolean isLoading(ModelStatus status) {
        return word(status).equals("loading");
    }
}
