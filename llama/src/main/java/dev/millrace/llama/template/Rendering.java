package dev.millrace.llama.template;

import dev.millrace.llama.template.Statement.Parameters;
import dev.millrace.llama.template.Statement.Target;
import java.util.ArrayList;
import java.util.List;

/// One rendering of a template: its variables, its output and what is left of its budget. *Confined to the
/// thread that renders.*
final class Rendering {
    /// Why the nodes of a block are no longer rendered.
    private enum Interruption {
        NONE,
        BREAK,
        CONTINUE
    }

    private Scope scope;
    private StringBuilder out = new StringBuilder();
    private Interruption interruption = Interruption.NONE;
    private int loopDepth;

    private Rendering(Scope scope) {
        this.scope = scope;
    }

    /// What a template says with these variables.
    static String of(List<Node> template, Scope scope) {
        var rendering = new Rendering(scope);
        rendering.render(template);
        return rendering.out.toString();
    }

    private void render(Node node) {
        List<Node> children = node.children();
        switch (node.statement()) {
            case Statement.Text text -> write(text.text());
            case Statement.Print print -> write(Values.text(print.expression().in(scope)));
            case Statement.Condition condition -> choose(condition.condition(), children);
            case Statement.For loop -> loop(loop, loop.items().in(scope), children);
            case Statement.Assign assign ->
                assign(assign.target(), assign.value().in(scope));
            case Statement.Capture capture ->
                assign(capture.target(), filtered(captured(children, scope.inner()), capture.filters()));
            case Statement.Filtered filtered ->
                write(Values.text(filtered(captured(children, scope.inner()), filtered.filters())));
            case Statement.Macro macro -> scope.set(macro.name(), macro(macro.name(), macro.parameters(), children));
            case Statement.CallBlock block -> write(Values.text(call(block, children)));
            case Statement.With with -> with(with, children);
            case Statement.Interrupt interrupt -> interrupt(interrupt.forGood());
            case Statement.Branch _ -> throw new IllegalStateException("a branch outside of its tag");
        }
    }

    private void interrupt(boolean forGood) {
        if (loopDepth == 0) {
            throw TemplateFault.error("break and continue work inside of loops only");
        }
        interruption = forGood ? Interruption.BREAK : Interruption.CONTINUE;
    }

    private void write(String text) {
        scope.budget().output(text.length());
        out.append(text);
    }

    private void render(List<Node> nodes) {
        for (Node node : nodes) {
            if (interruption != Interruption.NONE) {
                return;
            }
            scope.budget().step();
            render(node);
        }
    }

    private void renderIn(Scope inner, List<Node> nodes) {
        Scope outer = scope;
        scope = inner;
        try {
            render(nodes);
        } finally {
            scope = outer;
        }
    }

    private String captured(List<Node> nodes, Scope inner) {
        StringBuilder outer = out;
        out = new StringBuilder();
        try {
            renderIn(inner, nodes);
            return out.toString();
        } finally {
            out = outer;
        }
    }

    private Object filtered(Object value, List<Expression.Filter> filters) {
        Object result = value;
        for (Expression.Filter filter : filters) {
            result = filter.on(result, scope);
        }
        return result;
    }

    /// The branches of an `if` are its children, cut by `elif` and `else`.
    private void choose(Expression condition, List<Node> children) {
        boolean holds = Values.truth(condition.in(scope));
        int from = 0;
        while (true) {
            int end = from;
            while (end < children.size() && !children.get(end).isBranch()) {
                end++;
            }
            if (holds) {
                render(children.subList(from, end));
                return;
            }
            if (end == children.size()) {
                return;
            }
            holds = !(children.get(end).statement() instanceof Statement.Branch(Expression next))
                    || next == null
                    || Values.truth(next.in(scope));
            from = end + 1;
        }
    }

    private void loop(Statement.For loop, Object iterable, List<Node> children) {
        int end = 0;
        while (end < children.size() && !children.get(end).isBranch()) {
            end++;
        }
        List<Object> items = kept(loop, Values.elements(iterable, scope.budget()));
        if (items.isEmpty()) {
            renderIn(scope.inner(), children.subList(Math.min(end + 1, children.size()), children.size()));
            return;
        }
        List<Node> body = children.subList(0, end);
        Callable recursion = a -> captured(() -> loop(loop, a.required(0, "iterable"), children), a.budget());
        var state = new Loop(items, loopDepth, loop.recursive() ? recursion : null);
        loopDepth++;
        for (int i = 0; i < items.size() && interruption == Interruption.NONE; i++) {
            state.moveTo(i);
            Scope inner = scope.inner();
            inner.set("loop", state);
            bind(loop.target(), items.get(i), inner);
            renderIn(inner, body);
            if (interruption == Interruption.CONTINUE) {
                interruption = Interruption.NONE;
            }
        }
        loopDepth--;
        interruption = Interruption.NONE;
    }

    private List<Object> kept(Statement.For loop, List<Object> elements) {
        if (loop.filter() == null) {
            return elements;
        }
        List<Object> kept = new ArrayList<>();
        for (Object element : elements) {
            Scope inner = scope.inner();
            bind(loop.target(), element, inner);
            if (Values.truth(loop.filter().in(inner))) {
                kept.add(element);
            }
        }
        return kept;
    }

    private String captured(Runnable rendering, Budget budget) {
        StringBuilder outer = out;
        out = new StringBuilder();
        budget.enter();
        try {
            rendering.run();
            return out.toString();
        } finally {
            budget.leave();
            out = outer;
        }
    }

    private void assign(Target target, Object value) {
        bind(target, value, scope);
    }

    private static void bind(Target target, Object value, Scope scope) {
        scope.budget().step();
        switch (target) {
            case Target.Variable variable -> scope.set(variable.name(), value);
            case Target.Field field -> {
                if (!(scope.get(field.namespace()) instanceof Namespace namespace)) {
                    throw TemplateFault.error("'" + field.namespace() + "' is no namespace");
                }
                namespace.attributes().put(field.attribute(), value);
            }
            case Target.Several several -> {
                List<Object> values = Values.elements(value, scope.budget());
                if (values.size() != several.targets().size()) {
                    throw TemplateFault.error(
                            values.size() + " values for " + several.targets().size() + " variables");
                }
                for (int i = 0; i < values.size(); i++) {
                    bind(several.targets().get(i), values.get(i), scope);
                }
            }
        }
    }

    private Callable macro(String name, Parameters parameters, List<Node> body) {
        Scope definition = scope;
        return arguments -> {
            Budget budget = arguments.budget();
            budget.enter();
            int outerLoops = loopDepth;
            loopDepth = 0;
            try {
                return captured(body, bound(name, parameters, arguments, definition.inner()));
            } finally {
                loopDepth = outerLoops;
                budget.leave();
            }
        };
    }

    private static Scope bound(String name, Parameters parameters, Arguments arguments, Scope inner) {
        if (arguments.positional().size() > parameters.names().size()) {
            throw TemplateFault.error(
                    "macro '" + name + "' takes " + parameters.names().size() + " arguments");
        }
        for (int i = 0; i < parameters.names().size(); i++) {
            String parameter = parameters.names().get(i);
            if (arguments.has(i, parameter)) {
                inner.set(parameter, arguments.required(i, parameter));
            } else {
                Expression fallback = parameters.defaults().get(parameter);
                inner.set(parameter, fallback == null ? new Undefined(parameter) : fallback.in(inner));
            }
        }
        for (String named : arguments.named().keySet()) {
            if (named.equals("caller")) {
                inner.set(named, arguments.required(Integer.MAX_VALUE, named));
            } else if (!parameters.names().contains(named)) {
                throw TemplateFault.error("macro '" + name + "' has no argument '" + named + "'");
            }
        }
        return inner;
    }

    private Object call(Statement.CallBlock block, List<Node> body) {
        return block.call().in(scope, macro("caller", block.parameters(), body));
    }

    private void with(Statement.With with, List<Node> children) {
        Scope inner = scope.inner();
        for (int i = 0; i < with.names().size(); i++) {
            inner.set(with.names().get(i), with.values().get(i).in(scope));
        }
        renderIn(inner, children);
    }
}
