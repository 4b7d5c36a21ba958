package dev.millrace.models.download;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.millrace.models.download.ModelReference.AtAddress;
import dev.millrace.models.download.ModelReference.OnHub;
import java.net.URI;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ModelReferenceTest {
    @ParameterizedTest
    @CsvSource({
        "org/repo, org/repo, '', main",
        "hf.co/org/repo, org/repo, '', main",
        "HuggingFace.co/org/repo:Q4_K_M, org/repo, Q4_K_M, main",
        "org/repo:a/b-Q8_0.gguf@v1.2, org/repo, a/b-Q8_0.gguf, v1.2",
        "org/Some.Repo-1_x@refs/pr/1, org/Some.Repo-1_x, '', refs/pr/1"
    })
    void hubReferencesAreRead(String text, String repository, String selector, String revision) throws PullException {
        assertThat(ModelReference.parse(text)).isEqualTo(new OnHub(repository, selector, revision));
    }

    @Test
    void addressesAreNormalised() throws PullException {
        assertThat(ModelReference.parse("HTTPS://Models.Example.ORG/a.gguf?x=1"))
                .isEqualTo(new AtAddress(URI.create("https://models.example.org/a.gguf?x=1")));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "repo",
                "/org/repo",
                "org/repo/more",
                "../../etc/passwd",
                "org/..",
                "org/re..po",
                "org/repo:../x.gguf",
                "org/repo:/etc/passwd",
                "org\\repo",
                "org/repo%2e",
                "org/repo\u0000",
                "org/re po",
                "org/repo:",
                "org/repo@",
                "-org/repo",
                "org/ré"
            })
    void whatIsNoReferenceIsRefusedWithoutRepeatingIt(String text) {
        assertThatExceptionOfType(PullException.class)
                .isThrownBy(() -> ModelReference.parse(text))
                .satisfies(e -> assertThat(e.error()).isEqualTo(PullError.INVALID_REFERENCE))
                .withMessageContaining("org/repo");
    }
}
