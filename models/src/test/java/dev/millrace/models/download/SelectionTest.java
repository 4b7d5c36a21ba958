package dev.millrace.models.download;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.millrace.models.download.Selection.Listed;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SelectionTest {
    private static final List<Listed> USUAL = listing(
            "README.gguf.md.gguf.txt",
            "m-IQ4_XS.gguf",
            "m-Q4_K_M.gguf",
            "m-Q4_K_S.gguf",
            "m-Q4_0.gguf",
            "m-Q8_0.gguf",
            "m-f16.gguf",
            "mmproj-m-Q8_0.gguf",
            "m.imatrix.gguf",
            "split/m-Q6_K-00001-of-00002.gguf",
            "split/m-Q6_K-00002-of-00002.gguf");

    private static List<Listed> listing(String... paths) {
        return Stream.of(paths).map(p -> new Listed(p, 1, null)).toList();
    }

    private static List<String> chosen(List<Listed> listing, String selector) throws PullException {
        return Selection.choose(listing, selector).files().stream()
                .map(Listed::path)
                .toList();
    }

    @ParameterizedTest
    @CsvSource({
        "'', m-Q4_K_M.gguf",
        "q4_k_m, m-Q4_K_M.gguf",
        "Q4_0, m-Q4_0.gguf",
        "F16, m-f16.gguf",
        "iq4_xs, m-IQ4_XS.gguf",
        "m-Q8_0.gguf, m-Q8_0.gguf"
    })
    void selectorFindsItsFile(String selector, String expected) throws PullException {
        assertThat(chosen(USUAL, selector)).containsExactly(expected);
    }

    @ParameterizedTest
    @CsvSource({"Q6_K", "split/m-Q6_K-00002-of-00002.gguf", "m-Q6_K-00001-of-00002.gguf"})
    void anyNameOfASplitModelMeansAllItsFilesInOrder(String selector) throws PullException {
        assertThat(chosen(USUAL, selector))
                .containsExactly("split/m-Q6_K-00001-of-00002.gguf", "split/m-Q6_K-00002-of-00002.gguf");
        assertThat(Selection.choose(USUAL, selector).name()).isEqualTo("m-Q6_K");
    }

    @Test
    void preferenceGoesFromFourBitsToEight() throws PullException {
        assertThat(chosen(listing("m-Q8_0.gguf", "m-Q4_0.gguf", "m-f16.gguf"), ""))
                .containsExactly("m-Q4_0.gguf");
        assertThat(chosen(listing("m-Q8_0.gguf", "m-f16.gguf"), "")).containsExactly("m-Q8_0.gguf");
        assertThat(chosen(listing("odd.gguf"), "")).containsExactly("odd.gguf");
    }

    @ParameterizedTest
    @CsvSource({"Q4_K", "Q4", "4_K_M", "Q5_K_M", "none.gguf", "mmproj-m-Q8_0.gguf"})
    void selectorOfNothingListsWhatThereIs(String selector) {
        assertThatExceptionOfType(PullException.class)
                .isThrownBy(() -> Selection.choose(USUAL, selector))
                .withMessageContaining("the repository has no ")
                .withMessageContaining("m-Q4_K_M.gguf")
                .withMessageContaining("split/m-Q6_K-00001-of-00002.gguf (split)")
                .satisfies(e -> assertThat(e.error()).isEqualTo(PullError.NOT_FOUND));
    }

    @Test
    void choiceBetweenTwoIsLeftToThePerson() {
        assertThatExceptionOfType(PullException.class)
                .isThrownBy(() -> Selection.choose(listing("a-Q4_K_M.gguf", "b-Q4_K_M.gguf", "c-Q8_0.gguf"), ""))
                .withMessage("name one file; there are: a-Q4_K_M.gguf, b-Q4_K_M.gguf");
    }

    @Test
    void splitModelWithAMissingFileIsRefused() {
        assertThatExceptionOfType(PullException.class)
                .isThrownBy(() -> Selection.choose(listing("m-00001-of-00003.gguf", "m-00003-of-00003.gguf"), ""))
                .withMessageContaining("split into 3 files and the repository has 2");
    }

    @Test
    void repositoryWithoutModelsIsSaidToHaveNone() {
        assertThatExceptionOfType(PullException.class)
                .isThrownBy(() -> Selection.choose(listing("mmproj.gguf"), ""))
                .withMessage("the repository has no GGUF model files");
    }
}
