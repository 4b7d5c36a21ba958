package dev.millrace.llama.template;

import dev.millrace.llama.template.Expression.Literal;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Parses expressions with the precedence of Python's Jinja: condition, `or`, `and`, `not`, comparison, `+ -`,
/// `~`, `* / // %`, `**`, sign, and behind a value `. [] () | is`. *Confined to one thread.*
final class ExpressionParser {
    private static final Set<String> COMPARISONS = Set.of("==", "!=", "<", "<=", ">", ">=");
    /// Names that go on with the expression around a test, and so are not its argument.
    private static final Set<String> AFTER_TEST = Set.of("else", "or", "and", "if", "not", "in", "is");

    private static final int MAX_NESTING = 100;

    private final List<Lexeme> lexemes;
    private int next;
    private int nesting;

    ExpressionParser(List<Lexeme> lexemes) {
        this.lexemes = lexemes;
    }

    Lexeme current() {
        return lexemes.get(Math.min(next, lexemes.size() - 1));
    }

    boolean at(String operatorOrName) {
        return current().is(operatorOrName);
    }

    boolean skip(String operatorOrName) {
        boolean found = at(operatorOrName);
        if (found) {
            next++;
        }
        return found;
    }

    void expect(String operatorOrName) {
        if (!skip(operatorOrName)) {
            throw TemplateFault.error(
                    "'" + operatorOrName + "' was expected before '" + current().text() + "'");
        }
    }

    String name() {
        if (current().kind() != Lexeme.Kind.NAME) {
            throw TemplateFault.error("a name was expected before '" + current().text() + "'");
        }
        return lexemes.get(next++).text();
    }

    void end() {
        if (current().kind() != Lexeme.Kind.END) {
            throw TemplateFault.error("unexpected '" + current().text() + "'");
        }
    }

    /// One expression, or several with commas between them as a tuple.
    Expression tuple() {
        Expression first = expression();
        if (!at(",")) {
            return first;
        }
        List<Expression> items = new ArrayList<>(List.of(first));
        while (skip(",") && current().kind() != Lexeme.Kind.END && !at(")") && !at("=")) {
            items.add(expression());
        }
        return new Expression.Sequence(items, true);
    }

    Expression expression() {
        if (++nesting > MAX_NESTING) {
            throw TemplateFault.error("an expression is nested more than " + MAX_NESTING + " deep");
        }
        Expression value = or();
        while (skip("if")) {
            Expression condition = or();
            value = new Expression.Choice(value, condition, skip("else") ? expression() : null);
        }
        nesting--;
        return value;
    }

    /// An expression that does not take an `if` behind it.
    Expression or() {
        Expression left = and();
        while (skip("or")) {
            left = new Expression.Logic(left, and(), false);
        }
        return left;
    }

    private Expression and() {
        Expression left = not();
        while (skip("and")) {
            left = new Expression.Logic(left, not(), true);
        }
        return left;
    }

    private Expression not() {
        if (!skip("not")) {
            return comparison();
        }
        if (++nesting > MAX_NESTING) {
            throw TemplateFault.error("an expression is nested more than " + MAX_NESTING + " deep");
        }
        Expression operand = new Expression.Not(not());
        nesting--;
        return operand;
    }

    private Expression comparison() {
        Expression first = sum();
        List<String> operators = new ArrayList<>();
        List<Expression> others = new ArrayList<>();
        while (true) {
            if (current().kind() == Lexeme.Kind.OPERATOR
                    && COMPARISONS.contains(current().text())) {
                operators.add(lexemes.get(next++).text());
            } else if (skip("in")) {
                operators.add("in");
            } else if (at("not") && lexemes.get(next + 1).is("in")) {
                next += 2;
                operators.add("not in");
            } else {
                break;
            }
            others.add(sum());
        }
        return operators.isEmpty() ? first : new Expression.Comparison(first, operators, others);
    }

    private Expression sum() {
        Expression left = concatenation();
        while (at("+") || at("-")) {
            String operator = lexemes.get(next++).text();
            left = new Expression.Binary(left, operator, concatenation());
        }
        return left;
    }

    private Expression concatenation() {
        Expression left = product();
        while (skip("~")) {
            left = new Expression.Binary(left, "~", product());
        }
        return left;
    }

    private Expression product() {
        Expression left = power();
        while (at("*") || at("/") || at("//") || at("%")) {
            String operator = lexemes.get(next++).text();
            left = new Expression.Binary(left, operator, power());
        }
        return left;
    }

    private Expression power() {
        Expression left = unary(true);
        while (skip("**")) {
            left = new Expression.Binary(left, "**", unary(true));
        }
        return left;
    }

    private Expression unary(boolean withFilters) {
        Expression value;
        if (at("-") || at("+")) {
            if (++nesting > MAX_NESTING) {
                throw TemplateFault.error("an expression is nested more than " + MAX_NESTING + " deep");
            }
            boolean negative = lexemes.get(next++).text().equals("-");
            value = new Expression.Sign(unary(false), negative);
            nesting--;
        } else {
            value = primary();
        }
        value = postfix(value);
        return withFilters ? filtersAndTests(value) : value;
    }

    private Expression primary() {
        Lexeme lexeme = current();
        next++;
        return switch (lexeme.kind()) {
            case NAME -> named(lexeme.text());
            case STRING -> new Literal(strings(lexeme.text()));
            case INTEGER -> new Literal(integer(lexeme.text()));
            case FLOAT -> new Literal(Double.parseDouble(lexeme.text()));
            case OPERATOR -> bracketed(lexeme.text());
            case END -> throw TemplateFault.error("an expression is not complete");
        };
    }

    private static Expression named(String name) {
        return switch (name) {
            case "true", "True" -> new Literal(true);
            case "false", "False" -> new Literal(false);
            case "none", "None" -> new Literal(None.NONE);
            default -> new Expression.Name(name);
        };
    }

    private static Long integer(String digits) {
        try {
            return Long.parseLong(digits);
        } catch (NumberFormatException e) {
            throw TemplateFault.error("a number is too large");
        }
    }

    /// Strings next to each other are one, as in Python.
    private String strings(String first) {
        var text = new StringBuilder(first);
        while (current().kind() == Lexeme.Kind.STRING) {
            text.append(lexemes.get(next++).text());
        }
        return text.toString();
    }

    private Expression bracketed(String open) {
        return switch (open) {
            case "(" -> parenthesised();
            case "[" -> list();
            case "{" -> dictionary();
            default -> throw TemplateFault.error("unexpected '" + open + "'");
        };
    }

    private Expression parenthesised() {
        if (skip(")")) {
            return new Expression.Sequence(List.of(), true);
        }
        Expression inside = tuple();
        expect(")");
        return inside;
    }

    private Expression list() {
        List<Expression> items = new ArrayList<>();
        while (!skip("]")) {
            items.add(expression());
            if (!at("]")) {
                expect(",");
            }
        }
        return new Expression.Sequence(items, false);
    }

    private Expression dictionary() {
        List<Expression> keys = new ArrayList<>();
        List<Expression> values = new ArrayList<>();
        while (!skip("}")) {
            keys.add(expression());
            expect(":");
            values.add(expression());
            if (!at("}")) {
                expect(",");
            }
        }
        return new Expression.Dictionary(keys, values);
    }

    private Expression postfix(Expression base) {
        Expression value = base;
        while (true) {
            if (skip(".")) {
                value = current().kind() == Lexeme.Kind.INTEGER
                        ? new Expression.Item(
                                value, new Literal(integer(lexemes.get(next++).text())))
                        : new Expression.Attribute(value, name());
            } else if (skip("[")) {
                value = subscript(value);
            } else if (at("(")) {
                value = new Expression.Call(value, arguments());
            } else {
                return value;
            }
        }
    }

    private Expression subscript(Expression base) {
        Expression start = at(":") ? null : expression();
        if (start != null && skip("]")) {
            return new Expression.Item(base, start);
        }
        expect(":");
        Expression stop = at(":") || at("]") ? null : expression();
        Expression step = skip(":") && !at("]") ? expression() : null;
        expect("]");
        return new Expression.Slice(base, start, stop, step);
    }

    private Expression filtersAndTests(Expression base) {
        Expression value = base;
        while (true) {
            if (skip("|")) {
                value = filter(value);
            } else if (skip("is")) {
                value = test(value);
            } else if (at("(")) {
                value = new Expression.Call(value, arguments());
            } else {
                return value;
            }
        }
    }

    /// The filter whose name comes next; without an input it is for a block.
    Expression.Filter filter(@Nullable Expression input) {
        String name = dottedName();
        return new Expression.Filter(input, name, at("(") ? arguments() : CallArguments.NONE);
    }

    private Expression test(Expression input) {
        boolean negated = skip("not");
        String name = dottedName();
        if (at("(")) {
            return new Expression.Test(input, name, arguments(), negated);
        }
        boolean argument = switch (current().kind()) {
            case NAME -> !AFTER_TEST.contains(current().text());
            case STRING, INTEGER, FLOAT -> true;
            case OPERATOR -> at("[") || at("{");
            case END -> false;
        };
        if (!argument) {
            return new Expression.Test(input, name, CallArguments.NONE, negated);
        }
        var arguments = new CallArguments(List.of(postfix(primary())), Map.of(), null, null);
        return new Expression.Test(input, name, arguments, negated);
    }

    private String dottedName() {
        var name = new StringBuilder(name());
        while (skip(".")) {
            name.append('.').append(name());
        }
        return name.toString();
    }

    CallArguments arguments() {
        expect("(");
        List<Expression> positional = new ArrayList<>();
        Map<String, Expression> named = new LinkedHashMap<>();
        Expression spreadList = null;
        Expression spreadMap = null;
        while (!skip(")")) {
            if (skip("**")) {
                spreadMap = expression();
            } else if (skip("*")) {
                spreadList = expression();
            } else if (current().kind() == Lexeme.Kind.NAME
                    && lexemes.get(next + 1).is("=")) {
                String name = name();
                next++;
                named.put(name, expression());
            } else {
                positional.add(expression());
            }
            if (!at(")")) {
                expect(",");
            }
        }
        return new CallArguments(positional, named, spreadList, spreadMap);
    }
}
