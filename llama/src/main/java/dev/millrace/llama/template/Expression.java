package dev.millrace.llama.template;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// A parsed expression. *Immutable.*
sealed interface Expression {
    /// The value of the expression with the variables of `scope`.
    Object in(Scope scope);

    /// A value written in the template.
    record Literal(Object value) implements Expression {
        @Override
        public Object in(Scope scope) {
            scope.budget().step();
            return value;
        }
    }

    /// A variable.
    record Name(String name) implements Expression {
        @Override
        public Object in(Scope scope) {
            scope.budget().step();
            return scope.get(name);
        }
    }

    /// `[a, b]` or `(a, b)`.
    record Sequence(List<Expression> items, boolean tuple) implements Expression {
        @Override
        public Object in(Scope scope) {
            scope.budget().work(items.size());
            List<Object> values = new ArrayList<>(items.size());
            for (Expression item : items) {
                values.add(item.in(scope));
            }
            return tuple ? new Tuple(values) : values;
        }
    }

    /// `{a: b}`.
    record Dictionary(List<Expression> keys, List<Expression> values) implements Expression {
        @Override
        public Object in(Scope scope) {
            scope.budget().work(keys.size());
            Map<Object, Object> map = new LinkedHashMap<>();
            for (int i = 0; i < keys.size(); i++) {
                map.put(Operators.key(keys.get(i).in(scope)), values.get(i).in(scope));
            }
            return map;
        }
    }

    /// `base.name`.
    record Attribute(Expression base, String name) implements Expression {
        @Override
        public Object in(Scope scope) {
            scope.budget().step();
            return Access.attribute(base.in(scope), name);
        }
    }

    /// `base[key]`.
    record Item(Expression base, Expression key) implements Expression {
        @Override
        public Object in(Scope scope) {
            scope.budget().step();
            return Access.item(base.in(scope), key.in(scope));
        }
    }

    /// `base[start:stop:step]`.
    record Slice(
            Expression base,
            @Nullable Expression start,
            @Nullable Expression stop,
            @Nullable Expression step) implements Expression {
        @Override
        public Object in(Scope scope) {
            return Access.slice(
                    base.in(scope), bound(start, scope), bound(stop, scope), bound(step, scope), scope.budget());
        }

        private static @Nullable Long bound(@Nullable Expression bound, Scope scope) {
            if (bound == null) {
                return null;
            }
            Object value = bound.in(scope);
            return value instanceof None ? null : (Long) Values.integer(value);
        }
    }

    /// `callee(a, b, name=c)`.
    record Call(Expression callee, CallArguments arguments) implements Expression {
        @Override
        public Object in(Scope scope) {
            return call(arguments.in(name(), scope), scope);
        }

        /// Calls with a block of the template as the argument `caller`.
        Object in(Scope scope, Callable caller) {
            return call(arguments.in(name(), scope).with("caller", caller), scope);
        }

        private Object call(Arguments evaluated, Scope scope) {
            scope.budget().step();
            return switch (callee.in(scope)) {
                case Callable callable -> callable.call(evaluated);
                case Loop loop -> loop.call(evaluated);
                case Undefined u -> throw u.fault();
                case Object other -> throw TemplateFault.error("'" + Values.typeName(other) + "' cannot be called");
            };
        }

        private String name() {
            return switch (callee) {
                case Name n -> n.name();
                case Attribute a -> a.name();
                default -> "call";
            };
        }
    }

    /// `input | name(a, b)`.
    record Filter(@Nullable Expression input, String name, CallArguments arguments) implements Expression {
        @Override
        public Object in(Scope scope) {
            Object value = input == null ? "" : input.in(scope);
            return on(value, scope);
        }

        Object on(Object value, Scope scope) {
            scope.budget().step();
            return Filters.apply(name, value, arguments.in(name, scope));
        }
    }

    /// `input is name(a)`.
    record Test(Expression input, String name, CallArguments arguments, boolean negated) implements Expression {
        @Override
        public Object in(Scope scope) {
            scope.budget().step();
            return Tests.holds(name, input.in(scope), arguments.in(name, scope)) != negated;
        }
    }

    /// `a and b`, `a or b`: the value that decides, as in Python.
    record Logic(Expression left, Expression right, boolean and) implements Expression {
        @Override
        public Object in(Scope scope) {
            scope.budget().step();
            Object value = left.in(scope);
            return Values.truth(value) == and ? right.in(scope) : value;
        }
    }

    /// `not a`.
    record Not(Expression operand) implements Expression {
        @Override
        public Object in(Scope scope) {
            scope.budget().step();
            return !Values.truth(operand.in(scope));
        }
    }

    /// `-a` or `+a`.
    record Sign(Expression operand, boolean negative) implements Expression {
        @Override
        public Object in(Scope scope) {
            scope.budget().step();
            Object value = operand.in(scope);
            return negative ? Operators.negate(value) : value;
        }
    }

    /// `a + b` and the other operators on two values.
    record Binary(Expression left, String operator, Expression right) implements Expression {
        @Override
        public Object in(Scope scope) {
            Budget budget = scope.budget();
            budget.step();
            Object a = left.in(scope);
            Object b = right.in(scope);
            return switch (operator) {
                case "+" -> Operators.add(a, b, budget);
                case "-" -> Operators.subtract(a, b);
                case "*" -> Operators.multiply(a, b, budget);
                case "/" -> Operators.divide(a, b);
                case "//" -> Operators.floorDivide(a, b);
                case "%" -> Operators.modulo(a, b, budget);
                case "**" -> Operators.power(a, b);
                case "~" -> Operators.add(Values.text(a), Values.text(b), budget);
                default -> throw new IllegalStateException("operator: " + operator);
            };
        }
    }

    /// `a < b <= c`: each neighbouring pair must hold.
    record Comparison(Expression first, List<String> operators, List<Expression> others) implements Expression {
        @Override
        public Object in(Scope scope) {
            Object left = first.in(scope);
            for (int i = 0; i < operators.size(); i++) {
                scope.budget().step();
                Object right = others.get(i).in(scope);
                if (!holds(left, operators.get(i), right, scope.budget())) {
                    return false;
                }
                left = right;
            }
            return true;
        }

        static boolean holds(Object a, String operator, Object b, Budget budget) {
            return switch (operator) {
                case "==" -> Operators.equal(a, b, budget);
                case "!=" -> !Operators.equal(a, b, budget);
                case "in" -> Operators.contains(b, a, budget);
                case "not in" -> !Operators.contains(b, a, budget);
                case "<" -> Operators.compare(a, b, operator, budget) < 0;
                case "<=" -> Operators.compare(a, b, operator, budget) <= 0;
                case ">" -> Operators.compare(a, b, operator, budget) > 0;
                case ">=" -> Operators.compare(a, b, operator, budget) >= 0;
                default -> throw new IllegalStateException("operator: " + operator);
            };
        }
    }

    /// `a if condition else b`.
    record Choice(
            Expression then, Expression condition, @Nullable Expression otherwise) implements Expression {
        @Override
        public Object in(Scope scope) {
            scope.budget().step();
            if (Values.truth(condition.in(scope))) {
                return then.in(scope);
            }
            return otherwise == null ? new Undefined("the else of an if") : otherwise.in(scope);
        }
    }
}
