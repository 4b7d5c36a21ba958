package dev.millrace.llama.bench;

import dev.millrace.llama.natives.NativeLibraries;
import dev.millrace.llama.natives.NativeLibrary;
import dev.millrace.llama.natives.NativeSettings;
import dev.millrace.llama.natives.Platform;
import java.io.IOException;
import java.nio.file.Path;

/// The natives a user of this machine would get.
final class BenchNatives {
    private BenchNatives() {}

    static NativeLibrary obtain() throws IOException {
        String configured = System.getProperty("millrace.natives.dir");
        Path cache = configured == null
                ? Path.of(System.getProperty("user.home"), ".millrace", "natives")
                : Path.of(configured);
        return NativeLibraries.of(new NativeSettings(
                        cache, null, Platform.of(System.getProperty("os.name"), System.getProperty("os.arch"))))
                .obtain(System.err::println);
    }
}
