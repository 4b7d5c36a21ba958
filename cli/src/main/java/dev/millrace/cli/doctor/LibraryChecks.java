package dev.millrace.cli.doctor;

import dev.millrace.llama.natives.NativeLibraries;
import dev.millrace.llama.natives.NativeSettings;
import dev.millrace.llama.natives.SourceState;
import dev.millrace.llama.natives.SourceState.Status;
import java.util.ArrayList;
import java.util.List;

/// Looks at where llama.cpp can come from. Downloads nothing.
final class LibraryChecks {
    private LibraryChecks() {}

    static List<Diagnosis> all(NativeSettings settings) {
        return judge(NativeLibraries.of(settings).inspect());
    }

    /// One source that works is enough; a configured one that does not is always wrong.
    static List<Diagnosis> judge(List<SourceState> sources) {
        boolean any = sources.stream().anyMatch(s -> s.status() == Status.READY || s.status() == Status.OBTAINABLE);
        List<Diagnosis> found = new ArrayList<>();
        for (SourceState source : sources) {
            String name = "llama.cpp, " + source.source();
            switch (source.status()) {
                case READY, OBTAINABLE -> found.add(Diagnosis.good(name, source.detail()));
                case UNUSED -> {}
                case UNAVAILABLE ->
                    found.add(
                            any && !source.source().startsWith("configured")
                                    ? Diagnosis.good(name, source.detail() + " (another source is used)")
                                    : Diagnosis.bad(
                                            name,
                                            source.detail(),
                                            "Install npm (apt-get install npm), or set engine.natives to a folder with llama.cpp 0.5.0"));
            }
        }
        return found;
    }
}
