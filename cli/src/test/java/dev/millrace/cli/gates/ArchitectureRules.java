package dev.millrace.cli.gates;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaCall.Predicates.target;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.properties.HasName.Predicates.nameMatching;
import static com.tngtech.archunit.core.domain.properties.HasOwner.Predicates.With.owner;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.fields;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.methods;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noFields;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noMethods;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaCall;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaMethod;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import com.tngtech.archunit.lang.conditions.ArchConditions;
import java.time.Clock;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;

/// The direction rules, for the packages under one root: the product's, or those of a bad example.
final class ArchitectureRules {
    /// Public all the same, because others need more of them than the interface beside them says. May only shrink.
    private static final Set<String> SEEN_WHOLE = Set.of(
            "VirtualTime", // a test turns it by hand
            "RequestLog", // opened and closed by the server's root
            "ServerMetrics", // gauges are registered by the server's root
            "RunningServer"); // the serve command shows its model

    private static final List<String> MODULES =
            List.of("core", "engine", "gguf", "llama", "worker", "models", "protocol", "gateway", "server", "cli");

    private final String root;

    ArchitectureRules(String root) {
        this.root = root;
    }

    /// Every rule by name.
    Map<String, ArchRule> all() {
        Map<String, ArchRule> rules = new LinkedHashMap<>();
        rules.put("core sees no other module", module("core", List.of(), "it is the vocabulary of all others"));
        rules.put("engine sees core", module("engine", List.of("core"), "any engine, local or remote, must fit it"));
        rules.put(
                "gguf sees core", module("gguf", List.of("core"), "files are checked before anything else sees them"));
        rules.put(
                "llama sees engine and gguf",
                module("llama", List.of("core", "engine", "gguf"), "it runs in a worker process"));
        rules.put("worker sees engine", module("worker", List.of("core", "engine"), "any engine can be moved out"));
        rules.put(
                "models sees engine and gguf",
                module("models", List.of("core", "engine", "gguf"), "it decides about engines that others make"));
        rules.put("protocol sees core", module("protocol", List.of("core"), "clients use it without an engine"));
        rules.put("gateway sees core", module("gateway", List.of("core"), "its policies know no engine and no wire"));
        rules.put(
                "server sees all but cli",
                module(
                        "server",
                        List.of("core", "engine", "gguf", "models", "protocol", "gateway"),
                        "a server needs no terminal"));
        rules.put("no cycles", noCycles());
        rules.put("foreign memory", foreignMemory());
        rules.put("vertx and netty", vertx());
        rules.put("json", json());
        rules.put("pure scheduler", pureScheduler());
        rules.put("clocks and chance", clocks());
        rules.put("environment", environment());
        rules.put("standard output", standardOutput());
        rules.put("logging", logging());
        rules.put("static state", staticState());
        rules.put("singletons", singletons());
        rules.put("no get prefix", noGetPrefix());
        rules.put("optional", optional());
        rules.put("implementations are hidden", hiddenImplementations());
        return rules;
    }

    private String[] packages(List<String> features) {
        return features.stream().map(f -> root + "." + f + "..").toArray(String[]::new);
    }

    private String inside(String feature) {
        return root + "." + feature + "..";
    }

    private ArchRule module(String name, List<String> allowed, String reason) {
        List<String> others = new ArrayList<>(MODULES);
        others.remove(name);
        others.removeAll(allowed);
        return noClasses()
                .that()
                .resideInAPackage(inside(name))
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(packages(others))
                .allowEmptyShould(true)
                .because("direction is downwards only: " + reason);
    }

    private ArchRule noCycles() {
        return slices().matching(root + ".(**)")
                .should()
                .beFreeOfCycles()
                .because("a package that can be read alone can be changed alone");
    }

    private ArchRule foreignMemory() {
        return noClasses()
                .that()
                .resideOutsideOfPackage(inside("llama.ffm"))
                .should()
                .dependOnClassesThat()
                .resideInAPackage("java.lang.foreign..")
                .because("native memory is owned, counted and freed in one place");
    }

    private ArchRule vertx() {
        return noClasses()
                .that()
                .resideOutsideOfPackage(inside("server"))
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("io.vertx..", "io.netty..", "io.grpc..")
                .because("the HTTP stack can be replaced, and event loops stay inside the server");
    }

    private ArchRule json() {
        return noClasses()
                .that()
                .resideInAnyPackage(packages(List.of("core", "engine", "gateway")))
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("com.fasterxml..", "tools.jackson..", "com.google.gson..")
                .because("only the edges know a wire format");
    }

    private ArchRule pureScheduler() {
        return noClasses()
                .that()
                .resideInAnyPackage(packages(List.of("engine.schedule", "gateway")))
                .should()
                .dependOnClassesThat(
                        resideInAnyPackage("java.util.concurrent..", "java.net..", "java.nio.channels..", "org.slf4j..")
                                .or(nameMatching("java\\.lang\\.(Thread|ProcessBuilder|Process)")
                                        .as("threads and processes"))
                                .or(resideInAnyPackage(root + ".core.time..")))
                .allowEmptyShould(true)
                .because(
                        "decisions are pure: no threads, locks, sockets, loggers or clocks; time is a value passed in");
    }

    private ArchRule clocks() {
        DescribedPredicate<JavaClass> roots = resideInAnyPackage(packages(List.of("core.time", "core.id", "cli")))
                .or(nameMatching(root.replace(".", "\\.") + "\\.server\\.[A-Za-z]+(\\$.*)?")
                        .as("classes of the server's root package"));
        return classesOutside(roots)
                .should(notCall(clockCall()
                        .and(not(withClockArgument()))
                        .or(unseededRandom())
                        .as("a clock or a source of chance")))
                .because("tests step time and replay seeds: pass in NanoClock, InstantSource or RandomGenerator");
    }

    private static DescribedPredicate<JavaCall<?>> clockCall() {
        return call("java\\.lang\\.System", "nanoTime|currentTimeMillis")
                .or(call("java\\.time\\.(Instant|LocalDateTime|LocalDate|ZonedDateTime|OffsetDateTime)", "now"))
                .or(call("java\\.time\\.Clock", "system.*"))
                .or(call("java\\.lang\\.Math", "random"))
                .or(call("java\\.util\\.UUID", "randomUUID"))
                .or(call("java\\.util\\.concurrent\\.ThreadLocalRandom", "current"));
    }

    private static DescribedPredicate<JavaCall<?>> withClockArgument() {
        return DescribedPredicate.describe(
                "with a Clock that was passed in",
                c -> c.getTarget().getRawParameterTypes().stream().anyMatch(p -> p.isAssignableTo(Clock.class)));
    }

    private static DescribedPredicate<JavaCall<?>> unseededRandom() {
        return DescribedPredicate.describe(
                "new Random()",
                c -> c.getTarget().getOwner().isEquivalentTo(Random.class)
                        && c.getTarget().getName().equals("<init>")
                        && c.getTarget().getRawParameterTypes().isEmpty());
    }

    private ArchRule environment() {
        return classesOutside(resideInAnyPackage(root + ".cli..", root + "..config.."))
                .should(notCall(call("java\\.lang\\.System", "getenv|getProperty|getProperties|setProperty")
                        .or(call("java\\.lang\\.(Integer|Long|Boolean)", "getInteger|getLong|getBoolean"))
                        .as("the environment or system properties")))
                .because("every setting has one name, one place and one line in the reference");
    }

    private ArchRule standardOutput() {
        return noClasses()
                .that()
                .resideOutsideOfPackage(inside("cli"))
                .should()
                .accessField(System.class, "out")
                .orShould()
                .accessField(System.class, "err")
                .orShould()
                .callMethod(Throwable.class, "printStackTrace")
                .because("standard output belongs to the command; everything else logs by SLF4J");
    }

    private ArchRule logging() {
        return noClasses()
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("java.util.logging..", "org.apache.log4j..", "org.apache.commons.logging..")
                .because("logging is SLF4J");
    }

    private ArchRule staticState() {
        return fields().that()
                .areStatic()
                .and()
                .areDeclaredInClassesThat()
                .resideInAPackage(root + "..")
                .should()
                .beFinal()
                .allowEmptyShould(true)
                .because("two servers in one process, and tests side by side, must not share state");
    }

    private ArchRule singletons() {
        return noMethods()
                .that()
                .areStatic()
                .should()
                .haveName("getInstance")
                .because("collaborators come by constructor");
    }

    private ArchRule noGetPrefix() {
        return methods()
                .that()
                .haveNameMatching("get[A-Z].*")
                .should(overrideSomething())
                .allowEmptyShould(true)
                .because("nouns for state, verbs for actions");
    }

    private static ArchCondition<JavaMethod> overrideSomething() {
        return new ArchCondition<>("override a method of a library") {
            @Override
            public void check(JavaMethod method, ConditionEvents events) {
                JavaClass owner = method.getOwner();
                boolean inherited = owner.getAllRawSuperclasses().stream().anyMatch(c -> declares(c, method))
                        || owner.getAllRawInterfaces().stream().anyMatch(c -> declares(c, method));
                events.add(new SimpleConditionEvent(method, inherited, method.getFullName() + " has a get prefix"));
            }
        };
    }

    private static boolean declares(JavaClass type, JavaMethod method) {
        return type.getMethods().stream().anyMatch(m -> m.getName().equals(method.getName()));
    }

    private ArchRule optional() {
        return noFields()
                .should()
                .haveRawType(Optional.class)
                .because("Optional is for return types; a field that may be absent is @Nullable or another type");
    }

    private ArchRule hiddenImplementations() {
        DescribedPredicate<JavaClass> implementsANeighbour = DescribedPredicate.describe(
                "implement an interface of their own package",
                c -> c.getRawInterfaces().stream()
                        .anyMatch(i -> i.getPackageName().equals(c.getPackageName()) && !i.isNestedClass()));
        return classes()
                .that(implementsANeighbour)
                .and()
                .areTopLevelClasses()
                .and()
                .areNotRecords()
                .and()
                .areNotEnums()
                .and()
                .areNotInterfaces()
                .and(DescribedPredicate.describe("are not waived", c -> !SEEN_WHOLE.contains(c.getSimpleName())))
                .should()
                .notBePublic()
                .allowEmptyShould(true)
                .because("callers hold the interface; a factory on it gives the implementation");
    }

    private static com.tngtech.archunit.lang.syntax.elements.GivenClassesConjunction classesOutside(
            DescribedPredicate<JavaClass> allowed) {
        return classes().that(not(allowed));
    }

    private static ArchCondition<JavaClass> notCall(DescribedPredicate<? super JavaCall<?>> calls) {
        return ArchConditions.never(ArchConditions.callCodeUnitWhere(calls));
    }

    private static DescribedPredicate<JavaCall<?>> call(String ownerPattern, String namePattern) {
        return target(owner(nameMatching(ownerPattern)))
                .and(target(nameMatching(namePattern)))
                .forSubtype();
    }
}
