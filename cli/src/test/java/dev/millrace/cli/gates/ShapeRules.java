package dev.millrace.cli.gates;

import com.sun.source.tree.BlockTree;
import com.sun.source.tree.CaseTree;
import com.sun.source.tree.ClassTree;
import com.sun.source.tree.ConstantCaseLabelTree;
import com.sun.source.tree.DefaultCaseLabelTree;
import com.sun.source.tree.IdentifierTree;
import com.sun.source.tree.MethodTree;
import com.sun.source.tree.SwitchExpressionTree;
import com.sun.source.tree.SwitchTree;
import com.sun.source.tree.Tree;
import com.sun.source.tree.VariableTree;
import com.sun.source.util.TreePathScanner;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import javax.lang.model.element.Modifier;
import org.jspecify.annotations.Nullable;

/// Rules about declarations and statements, read from the syntax tree.
final class ShapeRules {
    static final int MAX_METHOD_LINES = 60;
    static final int MAX_FILE_LINES = 500;

    private static final Pattern BANNED_NAME = Pattern.compile(".*(Manager|Helper|Utils?|Impl|Data|Info)|Base[A-Z].*");

    private ShapeRules() {}

    /// Everything longer than its limit: name to lines.
    static Map<String, Integer> tooLong(List<JavaSource> sources) {
        Map<String, Integer> found = new TreeMap<>();
        for (JavaSource source : sources) {
            if (source.length() > MAX_FILE_LINES) {
                found.put(source.name(), source.length());
            }
            new Visitor(source) {
                @Override
                public @Nullable Void visitMethod(MethodTree method, @Nullable Void unused) {
                    BlockTree body = method.getBody();
                    if (body != null && source.lines(body) > MAX_METHOD_LINES) {
                        found.put(source.name() + "#" + method.getName(), (int) source.lines(body));
                    }
                    return super.visitMethod(method, null);
                }
            }.run();
        }
        return found;
    }

    /// Compares with the pinned list, which may only shrink.
    static List<String> ratchet(Map<String, Integer> found, Map<String, Integer> pinned) {
        List<String> problems = new ArrayList<>();
        found.forEach((name, lines) -> {
            Integer pin = pinned.get(name);
            if (pin == null) {
                problems.add(name + ": " + lines + " lines (limit: " + MAX_FILE_LINES + " a file, " + MAX_METHOD_LINES
                        + " a method): split it");
            } else if (lines > pin) {
                problems.add(name + ": grew from " + pin + " to " + lines + " lines: split it");
            } else if (lines < pin) {
                problems.add(name + ": shrank to " + lines + " lines: lower its pin from " + pin);
            }
        });
        pinned.keySet().stream()
                .filter(name -> !found.containsKey(name))
                .forEach(name -> problems.add(name + ": within the limits now: remove its pin"));
        return problems;
    }

    /// Class names that say nothing.
    static List<Finding> emptyNames(JavaSource source) {
        List<Finding> findings = new ArrayList<>();
        new Visitor(source) {
            @Override
            public @Nullable Void visitClass(ClassTree type, @Nullable Void unused) {
                if (BANNED_NAME.matcher(type.getSimpleName()).matches()) {
                    findings.add(
                            source.finding(type, type.getSimpleName() + ": name what it is, not that it is a class"));
                }
                return super.visitClass(type, null);
            }
        }.run();
        return findings;
    }

    /// Public types of the product without documentation, and documentation that is not Markdown.
    static List<Finding> undocumented(JavaSource source) {
        List<Finding> findings = new ArrayList<>();
        new Visitor(source) {
            @Override
            public @Nullable Void visitClass(ClassTree type, @Nullable Void unused) {
                boolean topLevel = getCurrentPath().getParentPath().getLeaf() == source.unit();
                if (topLevel
                        && type.getModifiers().getFlags().contains(Modifier.PUBLIC)
                        && source.documentation(getCurrentPath()) == null) {
                    findings.add(source.finding(type, type.getSimpleName() + ": public types say what they are (///)"));
                }
                return super.visitClass(type, null);
            }
        }.run();
        return findings;
    }

    /// Optional parameters; callers overload or pass a value.
    static List<Finding> optionalParameters(JavaSource source) {
        List<Finding> findings = new ArrayList<>();
        new Visitor(source) {
            @Override
            public @Nullable Void visitMethod(MethodTree method, @Nullable Void unused) {
                for (VariableTree parameter : method.getParameters()) {
                    Tree type = parameter.getType();
                    if (type != null && type.toString().startsWith("Optional")) {
                        findings.add(source.finding(method, method.getName() + ": Optional is only a return type"));
                    }
                }
                return super.visitMethod(method, null);
            }
        }.run();
        return findings;
    }

    /// The constants of every enum declared in `sources`, one set per enum.
    static List<Set<String>> enums(List<JavaSource> sources) {
        List<Set<String>> enums = new ArrayList<>();
        for (JavaSource source : sources) {
            new Visitor(source) {
                @Override
                public @Nullable Void visitClass(ClassTree type, @Nullable Void unused) {
                    if (type.getKind() == Tree.Kind.ENUM) {
                        enums.add(type.getMembers().stream()
                                .filter(VariableTree.class::isInstance)
                                .map(VariableTree.class::cast)
                                .filter(v -> v.toString().contains("/*public static final*/"))
                                .map(v -> v.getName().toString())
                                .collect(Collectors.toSet()));
                    }
                    return super.visitClass(type, null);
                }
            }.run();
        }
        return enums;
    }

    /// Switches with a `default` whose labels are all constants of one of our enums: a new constant must not
    /// compile.
    static List<Finding> defaultsOverEnums(JavaSource source, List<Set<String>> enums) {
        List<Finding> findings = new ArrayList<>();
        new Visitor(source) {
            @Override
            public @Nullable Void visitSwitch(SwitchTree tree, @Nullable Void unused) {
                check(tree, tree.getCases());
                return super.visitSwitch(tree, null);
            }

            @Override
            public @Nullable Void visitSwitchExpression(SwitchExpressionTree tree, @Nullable Void unused) {
                check(tree, tree.getCases());
                return super.visitSwitchExpression(tree, null);
            }

            private void check(Tree tree, List<? extends CaseTree> cases) {
                boolean hasDefault = cases.stream()
                        .flatMap(c -> c.getLabels().stream())
                        .anyMatch(DefaultCaseLabelTree.class::isInstance);
                Set<String> labels = cases.stream()
                        .flatMap(c -> c.getLabels().stream())
                        .filter(ConstantCaseLabelTree.class::isInstance)
                        .map(l -> ((ConstantCaseLabelTree) l).getConstantExpression())
                        .filter(IdentifierTree.class::isInstance)
                        .map(Tree::toString)
                        .collect(Collectors.toSet());
                if (hasDefault && !labels.isEmpty() && enums.stream().anyMatch(e -> e.containsAll(labels))) {
                    findings.add(source.finding(tree, "default in a switch over our enum: list every constant"));
                }
            }
        }.run();
        return findings;
    }

    /// A scan of one file.
    private abstract static class Visitor extends TreePathScanner<@Nullable Void, @Nullable Void> {
        private final JavaSource visited;

        Visitor(JavaSource visited) {
            this.visited = visited;
        }

        void run() {
            scan(visited.unit(), null);
        }
    }
}
