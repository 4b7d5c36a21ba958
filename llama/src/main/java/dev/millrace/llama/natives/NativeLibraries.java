package dev.millrace.llama.natives;

import dev.millrace.llama.natives.SourceState.Status;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Finds a llama.cpp library, and obtains one if there is none yet. *Thread-safe.*
///
/// ```java
/// NativeLibrary library = NativeLibraries.of(settings).obtain(System.out::println);
/// ```
public final class NativeLibraries {
    private static final Logger LOG = LoggerFactory.getLogger(NativeLibraries.class);

    private final NativeSettings settings;
    private final NativeCache cache;
    private final NpmPackage npm;
    private final PackageClient client;

    private NativeLibraries(NativeSettings settings, PackageClient client) {
        this.settings = settings;
        this.cache = new NativeCache(settings.cache());
        this.client = client;
        this.npm = new NpmPackage(
                client, PinnedLlamaCpp.NPM_PACKAGE, PinnedLlamaCpp.NPM_INTEGRITY, PinnedLlamaCpp.NPM_FILES);
    }

    /// Sources as configured.
    public static NativeLibraries of(NativeSettings settings) {
        return with(settings, new NpmClient());
    }

    static NativeLibraries with(NativeSettings settings, PackageClient client) {
        return new NativeLibraries(settings, client);
    }

    /// The best library to be had: the configured one, else 0.5.0, else b4916. May download, at the first time
    /// only.
    ///
    /// @param progress one line per phase that takes time, for people
    /// @throws NativesException if there is none; the message says what to do
    public NativeLibrary obtain(Consumer<String> progress) throws IOException {
        Path configured = settings.configured();
        if (configured != null) {
            return configured(configured);
        }
        checkPlatform();
        try {
            return obtain(NativeAbi.V0_5_0, progress);
        } catch (IOException e) {
            LOG.warn(
                    "event=natives_fallback wanted=\"{}\" using=\"{}\" reason=\"{}\"",
                    NativeAbi.V0_5_0.title(),
                    NativeAbi.B4916.title(),
                    e.getMessage());
            progress.accept("no llama.cpp 0.5.0 (" + e.getMessage() + "): using the older one of the Maven artifact");
            return obtain(NativeAbi.B4916, progress);
        }
    }

    /// This very build, from the cache or from its source. The configured directory is not looked at.
    public NativeLibrary obtain(NativeAbi abi, Consumer<String> progress) throws IOException {
        checkPlatform();
        Path directory = cache.obtain(cacheName(abi), target -> {
            switch (abi) {
                case V0_5_0 -> npm.unpackInto(target, progress);
                case B4916 -> unpackBundled(target);
            }
            if (libraryIn(target) == null) {
                throw new NativesException("the source of " + abi.title() + " does not hold its library");
            }
        });
        return library(abi, directory);
    }

    private static NativeLibrary library(NativeAbi abi, Path directory) throws NativesException {
        NativeLibrary found = libraryIn(directory);
        if (found == null || found.abi() != abi) {
            throw new NativesException(directory + " does not hold " + abi.title() + ": delete it to obtain it again");
        }
        return found;
    }

    private static String cacheName(NativeAbi abi) {
        String hash = Integrity.shortHash(
                switch (abi) {
                    case V0_5_0 -> PinnedLlamaCpp.NPM_INTEGRITY;
                    case B4916 -> PinnedLlamaCpp.BUNDLED_INTEGRITY;
                });
        return abi.title().replace(' ', '-') + "-" + hash;
    }

    private void checkPlatform() throws NativesException {
        if (!settings.platform().equals(PinnedLlamaCpp.PLATFORM)) {
            throw new NativesException("no llama.cpp for " + settings.platform() + " can be fetched (only for "
                    + PinnedLlamaCpp.PLATFORM + "): configure a directory that holds " + NativeAbi.V0_5_0.title());
        }
    }

    private static NativeLibrary configured(Path directory) throws IOException {
        NativeLibrary found = libraryIn(directory);
        if (found == null) {
            throw new NativesException("the configured directory " + directory + " holds no supported llama.cpp"
                    + " (expected: " + PinnedLlamaCpp.V0_5_0_FILE + " or " + PinnedLlamaCpp.B4916_FILE + " in it)");
        }
        return new NativeLibrary(
                found.abi(), found.directory(), found.file(), found.abi().title() + " (" + directory + ")");
    }

    private static @Nullable NativeLibrary libraryIn(Path directory) {
        if (!Files.isDirectory(directory)) {
            return null;
        }
        Path absolute = directory.toAbsolutePath();
        try (Stream<Path> files = Files.list(absolute)) {
            Optional<Path> release = files.filter(f -> PinnedLlamaCpp.V0_5_0_FILES
                            .matcher(f.getFileName().toString())
                            .matches())
                    .sorted()
                    .findFirst();
            if (release.isPresent()) {
                return new NativeLibrary(NativeAbi.V0_5_0, absolute, release.get(), "llama.cpp 0.5.0 (npm)");
            }
        } catch (IOException e) {
            return null;
        }
        Path bundled = absolute.resolve(PinnedLlamaCpp.B4916_FILE);
        return Files.isRegularFile(bundled)
                ? new NativeLibrary(NativeAbi.B4916, absolute, bundled, "llama.cpp b4916 (Maven)")
                : null;
    }

    private static @Nullable InputStream bundledResource() {
        return NativeLibraries.class.getClassLoader().getResourceAsStream(PinnedLlamaCpp.BUNDLED_RESOURCE);
    }

    private static void unpackBundled(Path directory) throws IOException {
        try (InputStream in = bundledResource()) {
            if (in == null) {
                throw new NativesException("the Maven artifact with llama.cpp b4916 is not on the class path");
            }
            try (OutputStream out = Files.newOutputStream(directory.resolve(PinnedLlamaCpp.B4916_FILE))) {
                Integrity.copy(in, out, PinnedLlamaCpp.BUNDLED_INTEGRITY, "the library of the Maven artifact");
            }
        }
    }

    /// What every source looks like now, best first. Downloads nothing.
    public List<SourceState> inspect() {
        return List.of(inspectConfigured(), inspectCache(), inspectNpm(), inspectBundled());
    }

    private SourceState inspectConfigured() {
        Path directory = settings.configured();
        if (directory == null) {
            return new SourceState("configured directory", Status.UNUSED, "none configured");
        }
        try {
            return new SourceState(
                    "configured directory", Status.READY, configured(directory).description());
        } catch (IOException e) {
            return new SourceState("configured directory", Status.UNAVAILABLE, String.valueOf(e.getMessage()));
        }
    }

    private SourceState inspectCache() {
        List<NativeLibrary> found = Stream.of(NativeAbi.values())
                .map(abi -> libraryIn(cache.directory(cacheName(abi))))
                .flatMap(Stream::ofNullable)
                .toList();
        return found.isEmpty()
                ? new SourceState("cache", Status.UNAVAILABLE, "nothing in " + settings.cache() + " yet")
                : new SourceState(
                        "cache",
                        Status.READY,
                        String.join(
                                ", ",
                                found.stream()
                                        .map(l -> l.description() + " in " + l.directory())
                                        .toList()));
    }

    private SourceState inspectNpm() {
        if (!settings.platform().equals(PinnedLlamaCpp.PLATFORM)) {
            return new SourceState("npm", Status.UNAVAILABLE, "no package for " + settings.platform());
        }
        return client.version()
                .map(v -> new SourceState("npm", Status.OBTAINABLE, "npm " + v + " can fetch " + npm.name()))
                .orElse(new SourceState(
                        "npm",
                        Status.UNAVAILABLE,
                        "no npm command: install Node.js to get " + NativeAbi.V0_5_0.title()));
    }

    private SourceState inspectBundled() {
        if (!settings.platform().equals(PinnedLlamaCpp.PLATFORM)) {
            return new SourceState("Maven artifact", Status.UNAVAILABLE, "no library for " + settings.platform());
        }
        try (InputStream in = bundledResource()) {
            return in == null
                    ? new SourceState("Maven artifact", Status.UNAVAILABLE, "not on the class path")
                    : new SourceState("Maven artifact", Status.OBTAINABLE, NativeAbi.B4916.title() + " as a fallback");
        } catch (IOException e) {
            return new SourceState("Maven artifact", Status.UNAVAILABLE, String.valueOf(e.getMessage()));
        }
    }
}
