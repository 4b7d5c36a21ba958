package dev.millrace.llama.natives;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.llama.natives.SourceState.Status;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NativeLibrariesIT {
    private static final Platform LINUX = Platform.of("Linux", "amd64");

    @TempDir
    private Path directory;

    /// Hands out one archive, or fails as npm does without a network.
    private static final class FakeClient implements PackageClient {
        private final byte @Nullable [] archive;
        private int downloads;

        FakeClient(byte @Nullable [] archive) {
            this.archive = archive;
        }

        @Override
        public Path download(String packageAndVersion, Path target) throws IOException {
            downloads++;
            if (archive == null) {
                throw new NativesException("npm ended with 1: getaddrinfo ENOTFOUND");
            }
            return Files.write(target.resolve("package.tgz"), archive);
        }

        @Override
        public Optional<String> version() {
            return archive == null ? Optional.empty() : Optional.of("11.0.0");
        }
    }

    private NativeSettings settings(@Nullable Path configured, Platform platform) {
        return new NativeSettings(directory.resolve("natives"), configured, platform);
    }

    private List<String> cached() throws IOException {
        try (Stream<Path> entries = Files.list(directory.resolve("natives"))) {
            return entries.map(p -> p.getFileName().toString())
                    .filter(n -> !n.equals(".lock"))
                    .sorted()
                    .toList();
        }
    }

    @Test
    void packageOfAnotherContentIsNotUnpacked() throws IOException {
        byte[] forged = new Archives()
                .file("package/bins/linux-x64/libllama.v0.5.0.so", "evil".getBytes(UTF_8))
                .gzip();
        NativeLibraries libraries = NativeLibraries.with(settings(null, LINUX), new FakeClient(forged));

        assertThatThrownBy(() -> libraries.obtain(NativeAbi.V0_5_0, line -> {}))
                .isInstanceOf(NativesException.class)
                .hasMessageContaining("is not the pinned one");

        assertThat(cached()).isEmpty();
    }

    @Test
    void withoutNpmTheLibraryOfTheMavenArtifactIsUsed() throws IOException {
        FakeClient offline = new FakeClient(null);
        List<String> progress = new ArrayList<>();

        NativeLibrary library =
                NativeLibraries.with(settings(null, LINUX), offline).obtain(progress::add);

        assertThat(library.abi()).isEqualTo(NativeAbi.B4916);
        assertThat(library.description()).isEqualTo("llama.cpp b4916 (Maven)");
        assertThat(library.file()).hasFileName("libjllama.so").isRegularFile();
        assertThat(progress).last().asString().contains("ENOTFOUND");
        assertThat(cached()).hasSize(1);
    }

    @Test
    void whatIsCachedIsNotObtainedAgain() throws IOException {
        FakeClient client = new FakeClient(null);
        Path cached = directory.resolve("natives/llama.cpp-0.5.0-e6e0820cda96");
        Files.createDirectories(cached);
        Files.write(cached.resolve("libllama.v0.5.0.so"), new byte[1]);

        NativeLibrary library =
                NativeLibraries.with(settings(null, LINUX), client).obtain(line -> {});

        assertThat(library.description()).isEqualTo("llama.cpp 0.5.0 (npm)");
        assertThat(client.downloads).isZero();
    }

    @Test
    void packageIsUnpackedWithoutTheDirectoriesItNames() throws IOException {
        byte[] archive = new Archives()
                .file("package/bins/good.so", "good".getBytes(UTF_8))
                .file("package/../../evil.so", "evil".getBytes(UTF_8))
                .file("package/other.txt", "other".getBytes(UTF_8))
                .gzip();
        Path target = Files.createDirectories(directory.resolve("deep/target"));
        NpmPackage npm = new NpmPackage(
                new FakeClient(archive), "x@1", Archives.integrity(archive), Pattern.compile("package/.*\\.so"));

        npm.unpackInto(target, line -> {});

        assertThat(target.resolve("good.so")).hasContent("good");
        assertThat(target.resolve("evil.so")).hasContent("evil");
        assertThat(directory.resolve("evil.so")).doesNotExist();
        assertThat(target.resolve("other.txt")).doesNotExist();
    }

    @Test
    void fillingThatFailsLeavesNothingBehind() throws IOException {
        NativeCache cache = new NativeCache(directory.resolve("natives"));

        assertThatThrownBy(() -> cache.obtain("x", target -> {
                    Files.writeString(target.resolve("half"), "half");
                    throw new NativesException("no more");
                }))
                .hasMessage("no more");

        assertThat(cached()).isEmpty();
    }

    @Test
    void twoThatObtainAtOnceFillOnce() throws Exception {
        NativeCache cache = new NativeCache(directory.resolve("natives"));
        List<String> fillings = new ArrayList<>(); // guarded by the lock under test
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            threads.add(Thread.ofPlatform().start(() -> {
                try {
                    cache.obtain("x", target -> fillings.add(target.toString()));
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            }));
        }
        for (Thread thread : threads) {
            thread.join();
        }

        assertThat(fillings).hasSize(1);
        assertThat(cached()).containsExactly("x");
    }

    @Test
    void configuredDirectoryIsUsedAndNothingElse() throws IOException {
        Path own = Files.createDirectories(directory.resolve("own"));
        NativeLibraries libraries = NativeLibraries.with(settings(own, LINUX), new FakeClient(null));

        assertThatThrownBy(() -> libraries.obtain(line -> {}))
                .isInstanceOf(NativesException.class)
                .hasMessageContaining(own.toString())
                .hasMessageContaining("libllama.v0.5.0.so");

        Files.write(own.resolve("libllama.cuda.v0.5.0.so"), new byte[1]);
        NativeLibrary library = libraries.obtain(line -> {});
        assertThat(library.abi()).isEqualTo(NativeAbi.V0_5_0);
        assertThat(library.description()).isEqualTo("llama.cpp 0.5.0 (" + own + ")");
    }

    @Test
    void otherMachinesNeedAConfiguredDirectory() {
        Platform arm = Platform.of("Linux", "aarch64");

        assertThatThrownBy(() -> NativeLibraries.with(settings(null, arm), new FakeClient(null))
                        .obtain(line -> {}))
                .isInstanceOf(NativesException.class)
                .hasMessageContaining("linux aarch64")
                .hasMessageContaining("configure a directory");
    }

    @Test
    void everySourceIsDescribedWithoutDownloading() {
        FakeClient client = new FakeClient(new byte[0]);

        List<SourceState> states =
                NativeLibraries.with(settings(null, LINUX), client).inspect();

        assertThat(states)
                .extracting(SourceState::status)
                .containsExactly(Status.UNUSED, Status.UNAVAILABLE, Status.OBTAINABLE, Status.OBTAINABLE);
        assertThat(client.downloads).isZero();
    }

    @Test
    void missingNpmCommandIsAnAnswerAndNotAFault() {
        NpmClient missing = new NpmClient("no-such-command-anywhere", Duration.ofSeconds(5));

        assertThat(missing.version()).isEmpty();
        assertThatThrownBy(() -> missing.download("x@1", directory)).hasMessage("there is no npm command");
    }

    @Test
    void npmThatFailsSaysWhy() throws IOException {
        NpmClient failing = new NpmClient("false", Duration.ofSeconds(5));

        assertThat(failing.version()).isEmpty();
        assertThatThrownBy(() -> failing.download("x@1", directory)).hasMessageStartingWith("npm ended with 1");
        try (Stream<Path> left = Files.list(directory)) {
            assertThat(left).isEmpty();
        }
    }
}
