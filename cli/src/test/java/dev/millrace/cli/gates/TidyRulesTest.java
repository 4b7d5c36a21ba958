package dev.millrace.cli.gates;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Each rule of the house finds what it is for.
class TidyRulesTest {
    private static JavaSource source(String text) {
        return JavaSource.parse("engine/src/main/java/Bad.java", text);
    }

    private static JavaSource method(String body) {
        return source("class Bad { void bad() { " + body + " } }");
    }

    @Test
    void aLongMethodIsFoundWithItsLength() {
        JavaSource bad = source("class Bad {\n void bad() {\n" + "int i;\n".repeat(70) + "}\n}\n");

        assertThat(ShapeRules.tooLong(List.of(bad))).isEqualTo(Map.of("engine/src/main/java/Bad.java#bad", 72));
    }

    @Test
    void aLongFileIsFoundWithItsLength() {
        JavaSource bad = source("class Bad {\n" + "int i;\n".repeat(600) + "}\n");

        assertThat(ShapeRules.tooLong(List.of(bad))).isEqualTo(Map.of("engine/src/main/java/Bad.java", 602));
    }

    @Test
    void theRatchetOnlyTurnsOneWay() {
        assertThat(ShapeRules.ratchet(Map.of("A", 600), Map.of()))
                .singleElement()
                .asString()
                .contains("split");
        assertThat(ShapeRules.ratchet(Map.of("A", 601), Map.of("A", 600)))
                .singleElement()
                .asString()
                .contains("grew");
        assertThat(ShapeRules.ratchet(Map.of("A", 599), Map.of("A", 600)))
                .singleElement()
                .asString()
                .contains("lower");
        assertThat(ShapeRules.ratchet(Map.of(), Map.of("A", 600)))
                .singleElement()
                .asString()
                .contains("remove");
        assertThat(ShapeRules.ratchet(Map.of("A", 600), Map.of("A", 600))).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"ModelManager", "TextUtil", "TextUtils", "EngineImpl", "BaseEngine", "ModelInfo", "TestHelper"})
    void anEmptyNameIsFound(String name) {
        assertThat(ShapeRules.emptyNames(source("class " + name + " {}"))).hasSize(1);
    }

    @Test
    void aPublicTypeWithoutDocumentationIsFound() {
        assertThat(ShapeRules.undocumented(source("public class Bad {}"))).hasSize(1);
        assertThat(ShapeRules.undocumented(source("/// Says what it is.\npublic class Good {}")))
                .isEmpty();
        assertThat(TextRules.oldDocumentation(source("/** Old. */\nclass Bad {}")))
                .hasSize(1);
    }

    @Test
    void anOptionalParameterIsFound() {
        assertThat(ShapeRules.optionalParameters(source("class Bad { void bad(Optional<String> s) {} }")))
                .hasSize(1);
    }

    @Test
    void aDefaultOverOurEnumIsFound() {
        JavaSource ours = source("enum Colour { RED, GREEN; int x; }");
        List<Set<String>> enums = ShapeRules.enums(List.of(ours));

        assertThat(enums).isEqualTo(List.of(Set.of("RED", "GREEN")));
        assertThat(ShapeRules.defaultsOverEnums(method("switch (c) { case RED -> {} default -> {} }"), enums))
                .hasSize(1);
        assertThat(ShapeRules.defaultsOverEnums(
                        method("int i = switch (c) { case RED: yield 1; default: yield 2; };"), enums))
                .hasSize(1);
        assertThat(ShapeRules.defaultsOverEnums(method("switch (c) { case \"a\" -> {} default -> {} }"), enums))
                .isEmpty();
        assertThat(ShapeRules.defaultsOverEnums(method("switch (c) { case BLUE -> {} default -> {} }"), enums))
                .isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Thread.sleep(1);",
                "TimeUnit.SECONDS.sleep(1);",
                "System.out.println();",
                "System . err . println();",
                "new Random();",
                "Math.random();",
                "System.gc();",
                "e.printStackTrace();",
                "assumeTrue(false);",
            })
    void aBannedCallIsFound(String statement) {
        assertThat(TextRules.bannedCalls(method(statement))).hasSize(1);
    }

    @Test
    void wordsInCommentsAndLiteralsAreNotCalls() {
        assertThat(TextRules.bannedCalls(method("// Thread.sleep(1)\n String s = \"System.out\"; /* Math.random() */")))
                .isEmpty();
    }

    @Test
    void aSkippedTestIsFound() {
        assertThat(TextRules.bannedCalls(source("class Bad { @Disabled void test() {} }")))
                .hasSize(1);
    }

    @Test
    void aLooseEndWithoutIssueIsFound() {
        assertThat(TextRules.looseEnds("a", "x\n// TODO later\n"))
                .isEqualTo(List.of(
                        new Finding("a", 2, "a loose end needs its issue: write it as the word and (#12), or do it")));
        assertThat(TextRules.looseEnds("a", "// TODO(#12) later")).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "cd /ro" + "ot/x",
                "see /home/me/x",
                "open /wo" + "rk/x",
                "https://registry." + "npmjs.org/x",
                "repo.maven.apache.org"
            })
    void aPlaceOutsideIsFound(String text) {
        assertThat(TextRules.placesOutside("a", text)).hasSize(1);
    }

    @Test
    void aStrayFileAtTheRootIsFound() {
        assertThat(PaperRules.strayNames(Set.of("README.md", "REPORT.md")))
                .singleElement()
                .asString()
                .startsWith("REPORT.md");
    }

    @Test
    void aChangelogOutOfShapeIsFound() {
        assertThat(PaperRules.changelog("# Changes\n")).hasSize(2);
        assertThat(PaperRules.changelog("# Changelog\n\n- x\n## 1.0\n### Improved\n"))
                .hasSize(3);
        assertThat(PaperRules.changelog("# Changelog\n\n## [1.0.0] - 2026-11-23\n### Added\n- x\n"))
                .isEmpty();
    }

    @Test
    void aDecisionWithoutEnforcementIsFound() {
        assertThat(PaperRules.decision("a", "x\n".repeat(61))).hasSize(2);
        assertThat(PaperRules.decision("a", "x\nEnforced by: a test\n")).isEmpty();
    }
}
