package dev.millrace.cli.gates;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.lang.ArchRule;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Each rule finds what it is for in code that breaks it.
class ArchitectureRulesTest {
    private static final String BAD = "dev.millrace.cli.gates.fixture";

    private final JavaClasses bad = new ClassFileImporter().importPackages(BAD);
    private final Map<String, ArchRule> rules = new ArchitectureRules(BAD).all();

    @ParameterizedTest
    @CsvSource({
        "core sees no other module, BadCore.upwards",
        "engine sees core, BadEngine.server",
        "protocol sees core, BadWire.engine",
        "no cycles, Cycle detected",
        "foreign memory, BadServer.arena",
        "json, BadEngine.mapper",
        "pure scheduler, BadPlanner.lock",
        "clocks and chance, System.nanoTime",
        "clocks and chance, Random.<init>",
        "environment, System.getenv",
        "standard output, System.out",
        "logging, java.util.logging",
        "static state, BadCore.counter",
        "singletons, getInstance",
        "no get prefix, getCounter",
        "optional, BadCore.maybe",
        "implementations are hidden, BadCore",
    })
    void aBrokenRuleIsReported(String rule, String finding) {
        var result = requireNonNull(rules.get(rule), rule).evaluate(bad);

        assertThat(result.hasViolation()).as(rule).isTrue();
        assertThat(result.getFailureReport().toString()).contains(finding);
    }

    @Test
    void theRulesWithoutAnExampleAreKnown() {
        // Examples of these would need a library that this module may not see, or a module folder of its own.
        assertThat(rules.keySet())
                .contains(
                        "vertx and netty",
                        "llama sees engine and gguf",
                        "gateway sees core",
                        "server sees all but cli");
        assertThat(rules).hasSize(23);
    }
}
