package dev.millrace.models.catalogue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.millrace.core.id.ModelId;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class ModelNameTest {
    static final List<String> HOSTILE = List.of(
            "",
            ".",
            "..",
            "../x",
            "..\\x",
            "a/../b",
            "a/..",
            "/etc/passwd",
            "//x",
            "a//b",
            "a/b/c",
            "a/",
            "/a",
            "C:\\x",
            "C:/x",
            "a\\b",
            "%2e%2e/x",
            "a%2fb",
            "a\0b",
            "a b",
            "a\nb",
            "-rf",
            "--help",
            ".hidden",
            "a:b:c",
            "a:",
            ":b",
            "a:../b",
            "a:b/c",
            "a/.b",
            "a/b:.c",
            "é",
            "ａ",
            "a\u2215b",
            "a\u202eb",
            "~",
            "$HOME",
            "a;b",
            "a*",
            "x".repeat(ModelId.MAX_LENGTH + 1));

    private static final List<String> GOOD = List.of(
            "a",
            "7b",
            "millrace-demo",
            "Qwen3-0.6B-Q4_K_M",
            "org/Name",
            "org/name:tag",
            "name:Q8_0",
            "a..b",
            "x".repeat(ModelId.MAX_LENGTH));

    @Test
    void hostileNamesAreNone() {
        assertThat(HOSTILE).noneMatch(ModelName::isValid);
        assertThat(HOSTILE)
                .allSatisfy(name -> assertThatIllegalArgumentException()
                        .isThrownBy(() -> ModelName.parse(name))
                        .withMessageStartingWith("model name: '")
                        .withMessageMatching("[\\x20-\\x7e…]*"));
    }

    @Test
    void usualNamesAreNames() {
        assertThat(GOOD).allMatch(ModelName::isValid);
    }

    @Test
    void everyNameHasAFileNameOfItsOwnThatLeadsNowhere() {
        var files = GOOD.stream()
                .map(name -> ModelName.toFileName(new ModelId(name)))
                .toList();

        assertThat(files).doesNotHaveDuplicates().noneMatch(file -> file.matches(".*[/\\\\:\\x00].*|\\..*"));
        assertThat(files.stream()
                        .map(file -> ModelName.fromFileName(file).orElseThrow().value())
                        .collect(Collectors.toList()))
                .isEqualTo(GOOD);
    }

    @Test
    void aFileThatNoModelIsCalledAfterHasNoName() {
        assertThat(ModelName.fromFileName("a")).isEmpty();
        assertThat(ModelName.fromFileName("..json")).isEmpty();
        assertThat(ModelName.fromFileName("%2F%2Fa.json")).isEmpty();
        assertThat(ModelName.fromFileName("%2e%2e%2Fa.json")).isEmpty();
    }

    @Test
    void aHostileNameCannotReachAFileThroughTheNearestOne() {
        assertThat(HOSTILE)
                .allSatisfy(name -> assertThat(
                                ModelName.isValid(ModelName.nearest(name).value()))
                        .isTrue());
    }
}
