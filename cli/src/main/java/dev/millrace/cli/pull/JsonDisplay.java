package dev.millrace.cli.pull;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import dev.millrace.models.catalogue.StoredFile;
import dev.millrace.models.download.PullOutcome;
import dev.millrace.models.download.PullPhase;
import dev.millrace.models.download.PullProgress;
import java.io.IOException;
import java.io.PrintStream;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.time.Duration;

/// For programs: one JSON object per line on standard output; the last one has the outcome. *Confined to one thread.*
final class JsonDisplay implements PullDisplay {
    private static final JsonFactory JSON = new JsonFactory();

    private final PrintStream out;

    JsonDisplay(PrintStream out) {
        this.out = out;
    }

    /// Writes fields.
    @FunctionalInterface
    private interface Fields {
        void write(JsonGenerator json) throws IOException;
    }

    private void line(Fields fields) {
        StringWriter text = new StringWriter();
        try (JsonGenerator json = JSON.createGenerator(text)) {
            json.writeStartObject();
            fields.write(json);
            json.writeEndObject();
        } catch (IOException e) {
            throw new UncheckedIOException("writing to memory", e);
        }
        out.println(text);
    }

    @Override
    public void progress(PullProgress progress) {
        if (progress.phase() == PullPhase.DONE
                || progress.phase() == PullPhase.FAILED
                || progress.phase() == PullPhase.CANCELLED) {
            return; // the outcome says it, and more
        }
        line(json -> {
            json.writeStringField("phase", progress.phase().wireName());
            json.writeStringField("model", progress.model());
            json.writeNumberField("bytes", progress.bytes());
            total(json, progress.totalBytes());
            json.writeNumberField("bytes_per_second", progress.bytesPerSecond());
            Duration left = progress.timeLeft();
            if (left != null) {
                json.writeNumberField("seconds_left", left.toSeconds());
            }
            if (!progress.note().isEmpty()) {
                json.writeStringField("note", progress.note());
            }
        });
    }

    private static void total(JsonGenerator json, long total) throws IOException {
        if (total >= 0) {
            json.writeNumberField("total_bytes", total);
        }
    }

    @Override
    public void outcome(PullOutcome outcome) {
        line(json -> {
            switch (outcome) {
                case PullOutcome.Pulled pulled -> pulled(json, pulled);
                case PullOutcome.AlreadyThere(var model) -> {
                    json.writeStringField("phase", PullPhase.DONE.wireName());
                    json.writeStringField("model", model.value());
                    json.writeNumberField("received_bytes", 0);
                }
                case PullOutcome.Cancelled(long bytes, long total) -> {
                    json.writeStringField("phase", PullPhase.CANCELLED.wireName());
                    json.writeNumberField("bytes", bytes);
                    total(json, total);
                }
                case PullOutcome.Failed(var error, String message) -> {
                    json.writeStringField("phase", PullPhase.FAILED.wireName());
                    json.writeObjectFieldStart("error");
                    json.writeStringField("code", error.wireName());
                    json.writeStringField("message", message);
                    json.writeEndObject();
                }
            }
        });
    }

    private static void pulled(JsonGenerator json, PullOutcome.Pulled pulled) throws IOException {
        json.writeStringField("phase", PullPhase.DONE.wireName());
        json.writeStringField("model", pulled.model().value());
        json.writeNumberField("received_bytes", pulled.receivedBytes());
        json.writeBooleanField("digests_stated", pulled.digestsStated());
        json.writeArrayFieldStart("files");
        for (StoredFile file : pulled.files()) {
            json.writeStartObject();
            json.writeNumberField("bytes", file.sizeBytes());
            json.writeStringField("sha256", file.sha256());
            json.writeEndObject();
        }
        json.writeEndArray();
    }

    @Override
    public void close() {
        out.flush();
    }
}
