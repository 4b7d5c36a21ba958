package dev.millrace.llama.template;

import com.hubspot.jinjava.Jinjava;
import com.hubspot.jinjava.JinjavaConfig;
import com.hubspot.jinjava.LegacyOverrides;
import com.hubspot.jinjava.interpret.Context;
import com.hubspot.jinjava.interpret.JinjavaInterpreter;
import com.hubspot.jinjava.lib.expression.ExpressionStrategy;
import com.hubspot.jinjava.lib.tag.Tag;
import com.hubspot.jinjava.tree.Node;
import com.hubspot.jinjava.tree.TagNode;
import com.hubspot.jinjava.tree.output.RenderedOutputNode;
import com.hubspot.jinjava.tree.parse.ExpressionToken;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// The tree of tags that Jinjava builds from the skeleton of a [Compiler]. *Immutable, thread-safe.*
///
/// Jinjava is given tags and an expression strategy of our own and none of its filters, functions or bean
/// resolvers, so no Java method is ever found by its name.
final class Skeleton {
    private static final String RENDERING = "rendering";
    private static final List<String> WITH_END =
            List.of("if", "for", "set", "macro", "call", "filter", "with", "generation");
    private static final List<String> WITHOUT_END = List.of("elif", "else", "assign", "break", "continue");

    private final Jinjava jinjava;
    private final List<Statement> statements;
    private final Node root;

    Skeleton(Compiler.Compiled compiled) {
        this.statements = compiled.statements();
        this.jinjava = new Jinjava(JinjavaConfig.newBuilder()
                .withLegacyOverrides(LegacyOverrides.NONE)
                .withNestedInterpretationEnabled(false)
                .withMaxRenderDepth(1)
                .build());
        WITH_END.forEach(name -> jinjava.registerTag(new NumberedTag(name, "end" + name)));
        WITHOUT_END.forEach(name -> jinjava.registerTag(new NumberedTag(name, null)));
        JinjavaInterpreter interpreter = interpreter();
        this.root = interpreter.parse(compiled.skeleton());
        if (!interpreter.getErrors().isEmpty()) {
            throw TemplateFault.error("the tags do not fit together: "
                    + interpreter.getErrors().getFirst().getMessage());
        }
    }

    String render(Scope scope) {
        JinjavaInterpreter interpreter = interpreter();
        var rendering = new Rendering(statements, interpreter, scope);
        interpreter.getContext().put(RENDERING, rendering);
        for (Node node : root.getChildren()) {
            node.render(interpreter);
        }
        return rendering.output();
    }

    /// True for `elif` and `else`, which Jinjava leaves among the children of their `if` or `for`.
    static boolean isBranch(Node node) {
        return node instanceof TagNode tag
                && (tag.getName().equals("elif") || tag.getName().equals("else"));
    }

    /// The number of a tag's statement.
    static int number(Node node) {
        return number(((TagNode) node).getHelpers());
    }

    private static int number(String text) {
        return Integer.parseInt(text.strip());
    }

    private JinjavaInterpreter interpreter() {
        Context context = new Context(jinjava.getGlobalContext(), Map.of(), Map.<Context.Library, Set<String>>of());
        context.setExpressionStrategy(new NumberedExpression());
        return new JinjavaInterpreter(jinjava, context, jinjava.getGlobalConfig());
    }

    private static Rendering rendering(JinjavaInterpreter interpreter) {
        return (Rendering) Objects.requireNonNull(interpreter.getContext().get(RENDERING));
    }

    /// A tag whose content is the number of its statement.
    private static final class NumberedTag implements Tag {
        private final String name;
        private final @Nullable String endName;

        NumberedTag(String name, @Nullable String endName) {
            this.name = name;
            this.endName = endName;
        }

        @Override
        public String getName() {
            return name;
        }

        @Override
        @SuppressWarnings("NullAway") // null is Jinjava's word for "has no end"
        public String getEndTagName() {
            return endName;
        }

        @Override
        public String interpret(TagNode node, JinjavaInterpreter interpreter) {
            switch (name) {
                case "break" -> rendering(interpreter).interrupt(true);
                case "continue" -> rendering(interpreter).interrupt(false);
                default -> rendering(interpreter).run(number(node), node.getChildren());
            }
            return "";
        }
    }

    /// An expression that is the number of its statement.
    private static final class NumberedExpression implements ExpressionStrategy {
        @Override
        public RenderedOutputNode interpretOutput(ExpressionToken master, JinjavaInterpreter interpreter) {
            rendering(interpreter).run(number(master.getExpr()), List.of());
            return new RenderedOutputNode("");
        }
    }
}
