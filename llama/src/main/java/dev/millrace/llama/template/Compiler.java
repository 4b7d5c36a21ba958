package dev.millrace.llama.template;

import dev.millrace.llama.template.Statement.Parameters;
import dev.millrace.llama.template.Statement.Target;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Turns a template's source into a tree of parsed [Statement]s. *Confined to one thread.*
final class Compiler {
    private static final int MAX_LEXEMES = 4000;
    private static final int MAX_NESTING = 100;

    private final List<Node> top = new ArrayList<>();
    private final Deque<Open> open = new ArrayDeque<>();

    private Compiler() {}

    /// A tag that was opened and is not closed yet.
    private static final class Open {
        private final String name;
        private final Statement statement;
        private final List<Node> children = new ArrayList<>();
        private boolean elseSeen;

        Open(String name, Statement statement) {
            this.name = name;
            this.statement = statement;
        }
    }

    /// The nodes of a template in their order.
    ///
    /// @throws TemplateFault if it is not a template
    static List<Node> compile(String source) {
        var compiler = new Compiler();
        for (Segment segment : SourceReader.read(source)) {
            switch (segment) {
                case Segment.Text text -> compiler.add(new Statement.Text(text.text()));
                case Segment.Print print -> {
                    ExpressionParser parser = parser(print.lexemes());
                    var statement = new Statement.Print(parser.tuple());
                    parser.end();
                    compiler.add(statement);
                }
                case Segment.Tag tag -> compiler.tag(parser(tag.lexemes()));
            }
        }
        if (!compiler.open.isEmpty()) {
            throw TemplateFault.error("'" + compiler.open.getFirst().name + "' is not closed");
        }
        return List.copyOf(compiler.top);
    }

    private static ExpressionParser parser(List<Lexeme> lexemes) {
        if (lexemes.size() > MAX_LEXEMES) {
            throw TemplateFault.error("an expression has more than " + MAX_LEXEMES + " parts");
        }
        return new ExpressionParser(lexemes);
    }

    private void add(Statement statement) {
        add(Node.leaf(statement));
    }

    private void add(Node node) {
        Open innermost = open.peek();
        (innermost == null ? top : innermost.children).add(node);
    }

    private void tag(ExpressionParser parser) {
        String name = parser.name();
        if (name.startsWith("end")) {
            close(name.equals("endblock") ? "endwith" : name);
            return;
        }
        switch (name) {
            case "if" -> open(name, new Statement.Condition(parser.tuple()));
            case "elif" -> branch(false, parser.tuple());
            case "else" -> branch(true, null);
            case "for" -> open(name, forLoop(parser));
            case "set" -> set(parser);
            case "macro" -> open(name, new Statement.Macro(parser.name(), parameters(parser)));
            case "call" -> open(name, callBlock(parser));
            case "filter" -> open(name, new Statement.Filtered(filters(parser, true)));
            case "with" -> open(name, with(parser));
            case "block" -> {
                parser.name();
                open("with", new Statement.With(List.of(), List.of()));
            }
            case "generation" -> open(name, new Statement.With(List.of(), List.of()));
            case "break", "continue" -> add(new Statement.Interrupt(name.equals("break")));
            default -> throw TemplateFault.error("the tag '" + name + "' is not supported");
        }
        parser.end();
    }

    private void open(String name, Statement statement) {
        if (open.size() == MAX_NESTING) {
            throw TemplateFault.error("tags are nested more than " + MAX_NESTING + " deep");
        }
        open.push(new Open(name, statement));
    }

    /// `elif` and `else` belong to the innermost `if`, `else` also to a `for`, and nothing follows an `else`.
    private void branch(boolean last, @Nullable Expression condition) {
        Open innermost = open.peek();
        boolean fits = innermost != null
                && !innermost.elseSeen
                && (innermost.name.equals("if") || (innermost.name.equals("for") && last));
        if (!fits) {
            throw TemplateFault.error("'" + (last ? "else" : "elif") + "' is where it cannot be");
        }
        innermost.elseSeen = last;
        add(new Statement.Branch(condition));
    }

    private void close(String end) {
        Open innermost = open.poll();
        if (innermost == null || !end.equals("end" + innermost.name)) {
            throw TemplateFault.error("'" + end + "' ends nothing");
        }
        add(new Node(innermost.statement, innermost.children));
    }

    private static Statement forLoop(ExpressionParser parser) {
        Target target = target(parser, "in");
        parser.expect("in");
        Expression items = parser.or();
        if (parser.at(",")) {
            List<Expression> several = new ArrayList<>(List.of(items));
            while (parser.skip(",")) {
                several.add(parser.or());
            }
            items = new Expression.Sequence(several, true);
        }
        Expression filter = parser.skip("if") ? parser.expression() : null;
        return new Statement.For(target, items, filter, parser.skip("recursive"));
    }

    private void set(ExpressionParser parser) {
        Target target = target(parser, "=");
        if (parser.skip("=")) {
            add(new Statement.Assign(target, parser.tuple()));
        } else {
            open("set", new Statement.Capture(target, filters(parser, false)));
        }
    }

    private static Target target(ExpressionParser parser, String end) {
        List<Target> targets = new ArrayList<>();
        boolean several = false;
        do {
            if (parser.at(end)) {
                break;
            }
            targets.add(oneTarget(parser));
            several |= parser.at(",");
        } while (parser.skip(","));
        return several ? new Target.Several(targets) : targets.getFirst();
    }

    private static Target oneTarget(ExpressionParser parser) {
        if (parser.skip("(")) {
            Target inside = target(parser, ")");
            parser.expect(")");
            return inside;
        }
        String name = parser.name();
        return parser.skip(".") ? new Target.Field(name, parser.name()) : new Target.Variable(name);
    }

    private static List<Expression.Filter> filters(ExpressionParser parser, boolean first) {
        List<Expression.Filter> filters = new ArrayList<>();
        if (first) {
            filters.add(parser.filter(null));
        }
        while (parser.skip("|")) {
            filters.add(parser.filter(null));
        }
        return filters;
    }

    private static Parameters parameters(ExpressionParser parser) {
        parser.expect("(");
        List<String> names = new ArrayList<>();
        Map<String, Expression> defaults = new LinkedHashMap<>();
        while (!parser.skip(")")) {
            String name = parser.name();
            names.add(name);
            if (parser.skip("=")) {
                defaults.put(name, parser.expression());
            }
            if (!parser.at(")")) {
                parser.expect(",");
            }
        }
        return new Parameters(names, defaults);
    }

    private static Statement callBlock(ExpressionParser parser) {
        Parameters parameters = parser.at("(") ? parameters(parser) : Parameters.NONE;
        if (parser.expression() instanceof Expression.Call call) {
            return new Statement.CallBlock(parameters, call);
        }
        throw TemplateFault.error("a call block must call something");
    }

    private static Statement with(ExpressionParser parser) {
        List<String> names = new ArrayList<>();
        List<Expression> values = new ArrayList<>();
        while (parser.current().kind() == Lexeme.Kind.NAME) {
            names.add(parser.name());
            parser.expect("=");
            values.add(parser.expression());
            parser.skip(",");
        }
        return new Statement.With(names, values);
    }
}
