package dev.millrace.llama.ffm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.llama.Natives;
import dev.millrace.llama.SyntheticGguf;
import dev.millrace.llama.natives.NativeAbi;
import dev.millrace.llama.natives.NativeLibrary;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class LlamaLibraryIT {
    private static final LlamaModel.Settings SETTINGS = new LlamaModel.Settings(0, true);

    @TempDir
    private static Path directory;

    private static Path tiny;

    @BeforeAll
    static void makeModel() throws IOException {
        tiny = directory.resolve("tiny.gguf");
        SyntheticGguf.main(new String[] {tiny.toString(), "tiny"});
    }

    private static ContextSettings settings(int sequences) {
        return new ContextSettings(512, 64, sequences, 1);
    }

    @ParameterizedTest
    @EnumSource(NativeAbi.class)
    void nothingNativeIsLeftAfterManyLoadsHoweverTheyEnded(NativeAbi abi) throws IOException {
        LlamaLibrary library = LlamaLibrary.open(Natives.of(abi));
        for (int round = 0; round < 20; round++) {
            try (LlamaModel model = LlamaModel.load(library, tiny, SETTINGS, LoadProgress.IGNORED)) {
                LlamaContext first = new LlamaContext(model, settings(4));
                LlamaContext second = new LlamaContext(model, settings(1));
                assertThat(library.liveObjects()).isEqualTo(3);
                assertThatThrownBy(() -> new LlamaContext(model, settings(100_000)))
                        .isInstanceOf(IllegalArgumentException.class);
                assertThatThrownBy(model::close).isInstanceOf(IllegalStateException.class);
                first.close();
                first.close();
                second.close();
            }
            assertThatThrownBy(() -> LlamaModel.load(library, tiny, SETTINGS, fraction -> fraction < 0.5f))
                    .isInstanceOf(LoadCancelledException.class);

            assertThat(library.liveObjects()).isZero();
        }
    }

    @Test
    void libraryOfAnotherBuildIsRefused() throws IOException {
        NativeLibrary old = Natives.of(NativeAbi.B4916);
        NativeLibrary release = Natives.of(NativeAbi.V0_5_0);

        assertThatThrownBy(() -> LlamaLibrary.open(
                        new NativeLibrary(NativeAbi.B4916, release.directory(), release.file(), "wrong")))
                .isInstanceOf(LlamaException.class);
        assertThatThrownBy(() ->
                        LlamaLibrary.open(new NativeLibrary(NativeAbi.V0_5_0, old.directory(), old.file(), "wrong")))
                .isInstanceOf(LlamaException.class);
    }

    @Test
    void fileThatIsNoLibraryIsRefused() throws IOException {
        Path file = Files.writeString(directory.resolve("libllama.v0.5.0.so"), "no library");

        assertThatThrownBy(
                        () -> LlamaLibrary.open(new NativeLibrary(NativeAbi.V0_5_0, directory, file, "not a library")))
                .isInstanceOf(LlamaException.class)
                .hasMessageContaining("cannot load " + file);
    }

    @ParameterizedTest
    @EnumSource(NativeAbi.class)
    void closedContextRefusesInsteadOfUsingFreedMemory(NativeAbi abi) throws IOException {
        LlamaLibrary library = LlamaLibrary.open(Natives.of(abi));
        try (LlamaModel model = LlamaModel.load(library, tiny, SETTINGS, LoadProgress.IGNORED)) {
            LlamaContext context = new LlamaContext(model, settings(1));
            context.close();

            assertThatThrownBy(context::decode).hasMessage("the context is closed");
            context.abort();
        }
    }
}
