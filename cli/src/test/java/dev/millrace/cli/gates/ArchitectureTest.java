package dev.millrace.cli.gates;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/// The direction rules on every class of the product.
class ArchitectureTest {
    private final JavaClasses product = new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .importPackages("dev.millrace");

    @Test
    void everyModuleOfTheProductIsRead() {
        for (String module :
                new String[] {"core", "engine", "gguf", "llama", "worker", "models", "protocol", "gateway", "server", "cli"}) {
            assertThat(product.stream().anyMatch(c -> c.getPackageName().startsWith("dev.millrace." + module)))
                    .as("classes of %s, compiled for Java 25, are readable", module)
                    .isTrue();
        }
    }

    @TestFactory
    Stream<DynamicTest> theProductKeepsEveryRule() {
        return new ArchitectureRules("dev.millrace")
                .all().entrySet().stream()
                        .map(rule -> DynamicTest.dynamicTest(
                                rule.getKey(), () -> rule.getValue().check(product)));
    }
}
