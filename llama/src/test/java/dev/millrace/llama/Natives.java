package dev.millrace.llama;

import dev.millrace.llama.natives.NativeAbi;
import dev.millrace.llama.natives.NativeLibraries;
import dev.millrace.llama.natives.NativeLibrary;
import dev.millrace.llama.natives.NativeSettings;
import dev.millrace.llama.natives.Platform;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Objects;

/// The libraries that tests run on, from a directory that outlives `target`.
public final class Natives {
    private Natives() {}

    /// Obtains a build, if it is not there yet.
    public static NativeLibrary of(NativeAbi abi) throws IOException {
        Path cache = Path.of(Objects.requireNonNull(
                System.getProperty("millrace.natives.dir"), "system property millrace.natives.dir"));
        Platform platform = Platform.of(System.getProperty("os.name"), System.getProperty("os.arch"));
        return NativeLibraries.of(new NativeSettings(cache, null, platform)).obtain(abi, line -> {});
    }
}
