package dev.millrace.llama.template;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What a tag of a template says, parsed. *Immutable.*
sealed interface Statement {
    /// Text to copy.
    record Text(String text) implements Statement {}

    /// `{{ expression }}`.
    record Print(Expression expression) implements Statement {}

    /// `{% if condition %}`.
    record Condition(Expression condition) implements Statement {}

    /// `{% elif condition %}`, or `{% else %}` without one.
    record Branch(@Nullable Expression condition) implements Statement {}

    /// `{% for targets in items if filter recursive %}`.
    record For(Target target, Expression items, @Nullable Expression filter, boolean recursive) implements Statement {}

    /// `{% set target = value %}`.
    record Assign(Target target, Expression value) implements Statement {}

    /// `{% set target | filters %}...{% endset %}`.
    record Capture(Target target, List<Expression.Filter> filters) implements Statement {}

    /// `{% filter filters %}...{% endfilter %}`.
    record Filtered(List<Expression.Filter> filters) implements Statement {}

    /// `{% macro name(parameters) %}`.
    record Macro(String name, Parameters parameters) implements Statement {}

    /// `{% call(parameters) macro(arguments) %}`.
    record CallBlock(Parameters parameters, Expression.Call call) implements Statement {}

    /// `{% with a = b %}`, and blocks that only make a scope.
    record With(List<String> names, List<Expression> values) implements Statement {}

    /// `{% break %}`, or `{% continue %}` if not for good.
    record Interrupt(boolean forGood) implements Statement {}

    /// Names of a macro's arguments and the defaults of those that have one.
    record Parameters(List<String> names, Map<String, Expression> defaults) {
        static final Parameters NONE = new Parameters(List.of(), Map.of());
    }

    /// What a value is assigned to.
    sealed interface Target {
        /// A variable.
        record Variable(String name) implements Target {}

        /// `namespace.attribute`.
        record Field(String namespace, String attribute) implements Target {}

        /// `a, b`.
        record Several(List<Target> targets) implements Target {}
    }
}
