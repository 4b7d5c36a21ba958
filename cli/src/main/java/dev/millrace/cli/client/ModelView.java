package dev.millrace.cli.client;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// One model of a server at one moment.
///
/// @param status what the server says of it, as docs/api.md describes it; not to be changed
public record ModelView(String name, JsonNode status) {
    /// `unloaded`, `loading`, `loaded`, `unloading` or `failed`.
    public String value() {
        return status.path("value").asText();
    }

    /// What is done while it is loading; else empty.
    public String phase() {
        return status.path("phase").asText("");
    }

    /// How much of the load is done, 0..1.
    public float progress() {
        return (float) status.path("progress").asDouble();
    }

    /// Until it is ready; `null` if that is not known.
    public @Nullable Duration timeLeft() {
        return duration("time_left_ms");
    }

    /// Requests that run on it.
    public int requests() {
        return status.path("requests").asInt();
    }

    /// Requests that wait for it.
    public int waiting() {
        return status.path("waiting").asInt();
    }

    /// What is counted for it; 0 if it is not in memory.
    public long memoryBytes() {
        return status.path("memory_bytes").asLong();
    }

    /// Whether the memory was measured, not estimated.
    public boolean isMeasured() {
        return status.path("memory_measured").asBoolean();
    }

    /// Until it leaves memory if nobody uses it; `null` for never.
    public @Nullable Duration expiresIn() {
        return duration("expires_in_ms");
    }

    public boolean isPinned() {
        return status.path("pinned").asBoolean();
    }

    /// Why it could not be loaded or was lost; empty if it was not.
    public String reason() {
        return status.path("reason").asText("");
    }

    private @Nullable Duration duration(String field) {
        JsonNode millis = status.path(field);
        return millis.isNumber() ? Duration.ofMillis(millis.asLong()) : null;
    }
}
