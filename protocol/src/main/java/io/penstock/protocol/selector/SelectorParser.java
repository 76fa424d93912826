package io.penstock.protocol.selector;

import io.penstock.protocol.selector.Condition.Comparison;
import io.penstock.protocol.selector.Expression.Kind;
import io.penstock.protocol.selector.SelectorLexer.Token;
import java.util.ArrayList;
import java.util.List;

/**
 * Makes expressions of a selector's text, by the grammar that {@link Selector} draws. Calls itself only for a parenthesis,
 * at most {@link Selector#DEPTH_MAX} deep; chains of operators are loops here and flat expressions afterwards.
 */
final class SelectorParser {
    private final String text;
    private final SelectorLexer lexer;
    private final IdentifierTable identifiers = new IdentifierTable();
    private int depth;
    private int nodes;
    private int likes;
    private int scratchValues;

    SelectorParser(String text) {
        this.text = text;
        this.lexer = new SelectorLexer(text);
    }

    Selector parse() throws SelectorSyntaxException {
        lexer.next();
        Expression condition = condition(or());
        if (lexer.token() != Token.END) {
            throw lexer.fault("the end was expected");
        }
        return new Selector(text, condition, identifiers, scratchValues, nodes, likes);
    }

    private void node() throws SelectorSyntaxException {
        if (++nodes > Selector.NODES_MAX) {
            throw lexer.fault("more than " + Selector.NODES_MAX + " literals, identifiers and operators");
        }
    }

    private Expression or() throws SelectorSyntaxException {
        return junction(false);
    }

    private Expression junction(boolean and) throws SelectorSyntaxException {
        Expression first = and ? not() : junction(true);
        String word = and ? "AND" : "OR";
        if (!lexer.isWord(word)) {
            return first;
        }
        List<Expression> parts = new ArrayList<>();
        parts.add(condition(first));
        while (lexer.isWord(word)) {
            node();
            lexer.next();
            parts.add(condition(and ? not() : junction(true)));
        }
        return new Condition.Junction(parts.toArray(Expression[]::new), and);
    }

    private Expression not() throws SelectorSyntaxException {
        int count = 0;
        while (lexer.isWord("NOT")) {
            node();
            lexer.next();
            count++;
        }
        Expression operand = comparison();
        return count == 0 ? operand : new Condition.Not(condition(operand), count % 2 == 0);
    }

    private Expression comparison() throws SelectorSyntaxException {
        Expression left = sum();
        boolean negated = lexer.isWord("NOT");
        if (negated) {
            lexer.next();
            if (!lexer.isWord("BETWEEN") && !lexer.isWord("IN") && !lexer.isWord("LIKE")) {
                throw lexer.fault("BETWEEN, IN or LIKE was expected after NOT");
            }
        }
        if (lexer.isWord("BETWEEN")) {
            return between(left, negated);
        } else if (lexer.isWord("IN")) {
            return in(left, negated);
        } else if (lexer.isWord("LIKE")) {
            return like(left, negated);
        } else if (lexer.isWord("IS")) {
            return isNull(left);
        }
        if (lexer.token() == Token.SYMBOL) {
            for (Comparison comparison : Comparison.values()) {
                if (lexer.text().equals(comparison.symbol)) {
                    return compare(left, comparison);
                }
            }
        }
        return left;
    }

    private Expression compare(Expression left, Comparison comparison) throws SelectorSyntaxException {
        node();
        if (comparison.isOrder()) {
            number(left, comparison.symbol);
        }
        lexer.next();
        Expression right = sum();
        if (comparison.isOrder()) {
            number(right, comparison.symbol);
        }
        return new Condition.Compare(comparison, left, right);
    }

    private Expression between(Expression operand, boolean negated) throws SelectorSyntaxException {
        node();
        number(operand, "BETWEEN");
        lexer.next();
        Expression low = number(sum(), "BETWEEN");
        if (!lexer.isWord("AND")) {
            throw lexer.fault("AND was expected after BETWEEN");
        }
        lexer.next();
        Expression high = number(sum(), "BETWEEN");
        return new Condition.Between(operand, low, high, negated);
    }

    private Expression in(Expression operand, boolean negated) throws SelectorSyntaxException {
        node();
        Expression identifier = identifier(operand, "IN");
        lexer.next();
        expect("(");
        List<Value> strings = new ArrayList<>();
        do {
            lexer.next();
            strings.add(Value.of(string("IN")));
            node();
            lexer.next();
        } while (lexer.isSymbol(","));
        expect(")");
        lexer.next();
        return new Condition.In(identifier, strings.toArray(Value[]::new), negated);
    }

    private Expression like(Expression operand, boolean negated) throws SelectorSyntaxException {
        node();
        if (++likes > Selector.LIKES_MAX) {
            throw lexer.fault("more than " + Selector.LIKES_MAX + " LIKE comparisons");
        }
        Expression identifier = identifier(operand, "LIKE");
        lexer.next();
        String pattern = string("LIKE");
        lexer.next();
        int escape = -1;
        if (lexer.isWord("ESCAPE")) {
            lexer.next();
            String character = string("ESCAPE");
            if (character.codePointCount(0, character.length()) != 1) {
                throw lexer.fault("ESCAPE needs a string of one character");
            }
            escape = character.codePointAt(0);
            lexer.next();
        }
        return new Condition.Like(identifier, LikePattern.compile(pattern, escape), negated);
    }

    private Expression isNull(Expression operand) throws SelectorSyntaxException {
        node();
        Expression identifier = identifier(operand, "IS");
        lexer.next();
        boolean negated = lexer.isWord("NOT");
        if (negated) {
            lexer.next();
        }
        if (!lexer.isWord("NULL")) {
            throw lexer.fault("NULL or NOT NULL was expected after IS");
        }
        lexer.next();
        return new Condition.IsNull(identifier, negated);
    }

    private Expression sum() throws SelectorSyntaxException {
        return arithmetic("+", "-", false);
    }

    /** A chain of equal rank, left to right, as one flat expression. */
    private Expression arithmetic(String one, String other, boolean product) throws SelectorSyntaxException {
        Expression first = product ? unary() : arithmetic("*", "/", true);
        if (!lexer.isSymbol(one) && !lexer.isSymbol(other)) {
            return first;
        }
        List<Expression> operands = new ArrayList<>();
        StringBuilder operators = new StringBuilder();
        operands.add(number(first, lexer.text()));
        while (lexer.isSymbol(one) || lexer.isSymbol(other)) {
            node();
            String operator = lexer.text();
            operators.append(operator);
            lexer.next();
            operands.add(number(product ? unary() : arithmetic("*", "/", true), operator));
        }
        return new Expression.Arithmetic(
                operands.toArray(Expression[]::new), operators.toString().toCharArray(), scratchValues++);
    }

    private Expression unary() throws SelectorSyntaxException {
        boolean negative = false;
        String sign = null;
        while (lexer.isSymbol("-") || lexer.isSymbol("+")) {
            node();
            sign = lexer.text();
            negative ^= lexer.isSymbol("-");
            lexer.next();
        }
        if (lexer.token() == Token.EXACT) {
            if (lexer.onlyNegative() && !negative) {
                throw lexer.fault("'" + lexer.text() + "' is out of the range of long");
            }
            node();
            long number = negative ? -lexer.exact() : lexer.exact();
            lexer.next();
            return new Expression.Literal(Value.of(number));
        }
        Expression operand = primary();
        if (sign == null) {
            return operand;
        }
        number(operand, sign);
        // A plus makes nothing of a string, but what is no number is null behind it too.
        return negative
                ? new Expression.Negation(operand, scratchValues++)
                : new Expression.Arithmetic(new Expression[] {operand}, new char[0], scratchValues++);
    }

    private Expression primary() throws SelectorSyntaxException {
        node();
        switch (lexer.token()) {
            case STRING -> {
                return literal(Value.of(lexer.text()));
            }
            case APPROXIMATE -> {
                return literal(Value.of(lexer.approximate()));
            }
            case IDENTIFIER -> {
                String fault = IdentifierTable.fault(lexer.text());
                if (fault != null) {
                    throw lexer.fault(fault);
                }
                Expression identifier = new Expression.Identifier(identifiers.add(lexer.text()));
                lexer.next();
                return identifier;
            }
            default -> {
                if (lexer.isWord("TRUE") || lexer.isWord("FALSE")) {
                    return literal(Value.of(lexer.isWord("TRUE")));
                }
                if (lexer.isSymbol("(")) {
                    return parenthesis();
                }
                throw lexer.fault(
                        lexer.token() == Token.WORD
                                ? lexer.text() + " is a reserved word and cannot stand here"
                                : "an identifier, a literal or a parenthesis was expected");
            }
        }
    }

    private Expression literal(Value value) throws SelectorSyntaxException {
        lexer.next();
        return new Expression.Literal(value);
    }

    private Expression parenthesis() throws SelectorSyntaxException {
        if (++depth > Selector.DEPTH_MAX) {
            throw lexer.fault("more than " + Selector.DEPTH_MAX + " parentheses in one another");
        }
        lexer.next();
        Expression inner = or();
        expect(")");
        lexer.next();
        depth--;
        return inner instanceof Expression.Identifier identifier ? new Parenthesised(identifier) : inner;
    }

    /** An identifier in parentheses is a value and no longer the name that LIKE, IN and IS want. */
    private static final class Parenthesised extends Expression {
        private final Identifier identifier;

        Parenthesised(Identifier identifier) {
            this.identifier = identifier;
        }

        @Override
        Kind kind() {
            return Kind.ANY;
        }

        @Override
        Value value(SelectorMatcher record) {
            return identifier.value(record);
        }
    }

    private void expect(String symbol) throws SelectorSyntaxException {
        if (!lexer.isSymbol(symbol)) {
            throw lexer.fault("'" + symbol + "' was expected");
        }
    }

    private String string(String after) throws SelectorSyntaxException {
        if (lexer.token() != Token.STRING) {
            throw lexer.fault("a string was expected after " + after);
        }
        return lexer.text();
    }

    private Expression identifier(Expression operand, String word) throws SelectorSyntaxException {
        if (!(operand instanceof Expression.Identifier)) {
            throw lexer.fault(word + " needs an identifier before it");
        }
        return operand;
    }

    private Expression number(Expression operand, String operator) throws SelectorSyntaxException {
        if (operand.kind() == Kind.STRING || operand.kind() == Kind.CONDITION) {
            throw lexer.fault("'" + operator + "' needs numbers");
        }
        return operand;
    }

    private Expression condition(Expression operand) throws SelectorSyntaxException {
        if (operand.kind() == Kind.STRING || operand.kind() == Kind.NUMBER) {
            throw lexer.fault("a condition was expected, and there is a "
                    + operand.kind().name().toLowerCase(java.util.Locale.ROOT));
        }
        return operand;
    }
}
