package dev.millrace.cli.gates;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// The rules of the house on every file of the checkout.
class TidyTest {
    /// What is longer than its limit, with its lines. May only shrink.
    private static final Map<String, Integer> PINNED = Map.of(
            // Tables of bad requests, one row each.
            "protocol/src/test/java/dev/millrace/protocol/openai/RequestReaderTest.java#refusedFields", 125,
            "server/src/test/java/dev/millrace/server/WireIT.java#malformed", 142);

    /// Switches over our enums that may have a default, one each. May only shrink.
    private static final Set<String> PINNED_DEFAULTS = Set.of(
            // Five codes reach it; any other is told apart by nobody.
            "server/src/main/java/dev/millrace/server/http/HeadErrors.java");

    private static final SourceTree TREE = SourceTree.ofThisCheckout();
    private static final List<JavaSource> SOURCES = JavaSource.parse(TREE, TREE.javaFiles());

    @Test
    void theSourcesOfEveryModuleAreRead() {
        assertThat(Stream.of(
                        "core", "engine", "testing", "gguf", "llama", "worker", "models", "protocol", "gateway", "server", "cli"))
                .allMatch(module -> SOURCES.stream().anyMatch(s -> s.name().startsWith(module + "/src/main/")));
    }

    @Test
    void filesAndMethodsKeepTheirLimits() {
        assertThat(ShapeRules.ratchet(ShapeRules.tooLong(SOURCES), PINNED)).isEmpty();
    }

    @Test
    void namesSaySomething() {
        assertThat(SOURCES.stream().flatMap(s -> ShapeRules.emptyNames(s).stream()))
                .isEmpty();
    }

    @Test
    void publicTypesAreDocumentedInMarkdown() {
        assertThat(SOURCES.stream()
                        .filter(s -> s.name().contains("/src/main/"))
                        .flatMap(s -> ShapeRules.undocumented(s).stream()))
                .isEmpty();
        assertThat(SOURCES.stream().flatMap(s -> TextRules.oldDocumentation(s).stream()))
                .isEmpty();
    }

    @Test
    void optionalIsAReturnTypeOnly() {
        assertThat(SOURCES.stream().flatMap(s -> ShapeRules.optionalParameters(s).stream()))
                .isEmpty();
    }

    @Test
    void switchesOverOurEnumsListEveryConstant() {
        List<Set<String>> enums = ShapeRules.enums(SOURCES);

        assertThat(enums).contains(Set.of("CLIENT", "CAPACITY", "UPSTREAM", "INTERNAL"));
        assertThat(SOURCES.stream()
                        .flatMap(s -> ShapeRules.defaultsOverEnums(s, enums).stream())
                        .filter(f -> !PINNED_DEFAULTS.contains(f.file())))
                .isEmpty();
    }

    @Test
    void nothingBannedIsCalled() {
        assertThat(SOURCES.stream().flatMap(s -> TextRules.bannedCalls(s).stream()))
                .isEmpty();
    }

    @Test
    void everyPackageIsNullMarked() {
        Set<String> marked = SOURCES.stream()
                .filter(s -> s.name().endsWith("/package-info.java"))
                .filter(s -> s.code().contains("@NullMarked"))
                .map(s -> packageOf(s))
                .collect(Collectors.toSet());

        assertThat(SOURCES.stream().map(s -> packageOf(s)).distinct().filter(p -> !marked.contains(p)))
                .isEmpty();
    }

    /// Module and package, without the source folder: a test package is marked by the package-info of the main one.
    private static String packageOf(JavaSource source) {
        String folder = source.name().substring(0, source.name().lastIndexOf('/'));
        return folder.replaceFirst("/src/(main|test)/java/", ":");
    }

    @Test
    void looseEndsNameTheirIssue() throws IOException {
        assertThat(findings(TextRules::looseEnds)).isEmpty();
    }

    @Test
    void nothingPointsToOneMachineOrARegistry() throws IOException {
        assertThat(findings(TextRules::placesOutside)).isEmpty();
    }

    private interface TextRule {
        List<Finding> check(String name, String text);
    }

    private static List<Finding> findings(TextRule rule) throws IOException {
        List<Finding> findings = new java.util.ArrayList<>();
        for (Path file : TREE.endingIn(
                ".java",
                ".md",
                ".xml",
                ".sh",
                ".py",
                ".js",
                ".mjs",
                ".json",
                ".yaml",
                ".yml",
                ".properties",
                "/run",
                "/millrace")) {
            if (!TREE.name(file).contains("/gates/")) {
                findings.addAll(rule.check(TREE.name(file), Files.readString(file)));
            }
        }
        return findings;
    }

    @Test
    void onlyAgreedNamesLieAtTheRoot() throws IOException {
        try (Stream<Path> names = Files.list(TREE.root())) {
            assertThat(PaperRules.strayNames(
                            names.map(n -> n.getFileName().toString()).collect(Collectors.toSet())))
                    .isEmpty();
        }
    }

    @Test
    void noFileIsTooLargeForARepository() throws IOException {
        for (Path file : TREE.files()) {
            assertThat(Files.size(file)).as(TREE.name(file)).isLessThanOrEqualTo(PaperRules.MAX_FILE_BYTES);
        }
    }

    @Test
    void theChangelogHasItsShape() throws IOException {
        assertThat(PaperRules.changelog(Files.readString(TREE.root().resolve("CHANGELOG.md"))))
                .isEmpty();
    }

    @Test
    void theReadmeIsShort() throws IOException {
        assertThat(Files.readAllLines(TREE.root().resolve("README.md")))
                .hasSizeLessThan(PaperRules.MAX_README_LINES + 1);
    }

    @Test
    void decisionsAreShortAndSayWhatEnforcesThem() throws IOException {
        List<Path> decisions = TREE.files().stream()
                .filter(f -> TREE.name(f).startsWith("docs/decisions/"))
                .toList();

        assertThat(decisions).isNotEmpty();
        for (Path decision : decisions) {
            assertThat(PaperRules.decision(TREE.name(decision), Files.readString(decision)))
                    .isEmpty();
        }
    }
}
