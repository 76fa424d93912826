package io.penstock.protocol.selector;

/** A part of a compiled selector. Immutable and shared; what changes with the record is in the {@link SelectorMatcher}. */
abstract class Expression {

    /** SQL's three truths. */
    static final int FALSE = 0;

    static final int TRUE = 1;
    static final int UNKNOWN = 2;

    /** What is known of a value before there is a record. */
    enum Kind {
        CONDITION,
        NUMBER,
        STRING,
        /** An identifier: of any type, or null. */
        ANY
    }

    abstract Kind kind();

    /** Valid until the next record. */
    abstract Value value(SelectorMatcher record);

    /** As a condition: a null is unknown, what is no boolean is not true. */
    int test(SelectorMatcher record) {
        Value value = value(record);
        if (value.type == Value.NULL) {
            return UNKNOWN;
        }
        return value.type == Value.BOOLEAN && value.number == 1 ? TRUE : FALSE;
    }

    static int not(int truth) {
        return truth == UNKNOWN ? UNKNOWN : 1 - truth;
    }

    /** A literal. */
    static final class Literal extends Expression {
        private final Value value;

        Literal(Value value) {
            this.value = value;
        }

        @Override
        Kind kind() {
            return switch (value.type) {
                case Value.BOOLEAN -> Kind.CONDITION;
                case Value.STRING -> Kind.STRING;
                default -> Kind.NUMBER;
            };
        }

        @Override
        Value value(SelectorMatcher record) {
            return value;
        }
    }

    /** A header or property of the message. */
    static final class Identifier extends Expression {
        final int index;

        Identifier(int index) {
            this.index = index;
        }

        @Override
        Kind kind() {
            return Kind.ANY;
        }

        @Override
        Value value(SelectorMatcher record) {
            return record.identifier(index);
        }
    }

    /** Left to right: {@code first (op operand)...}; of what is no number the result is null. */
    static final class Arithmetic extends Expression {
        private final Expression[] operands;
        private final char[] operators;
        private final int scratch;

        /** @param operators one fewer than operands */
        Arithmetic(Expression[] operands, char[] operators, int scratch) {
            this.operands = operands;
            this.operators = operators;
            this.scratch = scratch;
        }

        @Override
        Kind kind() {
            return Kind.NUMBER;
        }

        @Override
        Value value(SelectorMatcher record) {
            Value first = operands[0].value(record);
            if (!first.isNumber()) {
                return Value.NOTHING;
            }
            // Locals, since an operand in parentheses may be arithmetic too, in a place of its own.
            boolean exact = first.type == Value.LONG;
            long number = first.number;
            double approximate = first.asDouble();
            for (int i = 1; i < operands.length; i++) {
                Value next = operands[i].value(record);
                if (!next.isNumber()) {
                    return Value.NOTHING;
                }
                char operator = operators[i - 1];
                if (exact && next.type == Value.LONG) {
                    if (operator == '/' && next.number == 0) {
                        return Value.NOTHING;
                    }
                    number = exact(operator, number, next.number);
                    approximate = number;
                } else {
                    exact = false;
                    approximate = approximate(operator, approximate, next.asDouble());
                }
            }
            Value result = record.scratch(scratch);
            if (exact) {
                result.set(number);
            } else {
                result.set(approximate);
            }
            return result;
        }

        /** As Java: overflow wraps, division cuts off. */
        private static long exact(char operator, long left, long right) {
            return switch (operator) {
                case '+' -> left + right;
                case '-' -> left - right;
                case '*' -> left * right;
                default -> left / right;
            };
        }

        private static double approximate(char operator, double left, double right) {
            return switch (operator) {
                case '+' -> left + right;
                case '-' -> left - right;
                case '*' -> left * right;
                default -> left / right;
            };
        }
    }

    /** {@code - operand}. */
    static final class Negation extends Expression {
        private final Expression operand;
        private final int scratch;

        Negation(Expression operand, int scratch) {
            this.operand = operand;
            this.scratch = scratch;
        }

        @Override
        Kind kind() {
            return Kind.NUMBER;
        }

        @Override
        Value value(SelectorMatcher record) {
            Value value = operand.value(record);
            if (!value.isNumber()) {
                return Value.NOTHING;
            }
            Value result = record.scratch(scratch);
            if (value.type == Value.LONG) {
                result.set(-value.number);
            } else {
                result.set(-value.approximate);
            }
            return result;
        }
    }
}
