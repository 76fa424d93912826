package io.penstock.protocol.selector;

/** An expression that is true, false or unknown. */
abstract class Condition extends Expression {

    @Override
    final Kind kind() {
        return Kind.CONDITION;
    }

    @Override
    abstract int test(SelectorMatcher record);

    @Override
    final Value value(SelectorMatcher record) {
        int truth = test(record);
        return truth == UNKNOWN ? Value.NOTHING : truth == TRUE ? Value.YES : Value.NO;
    }

    /** AND: false as soon as one is; OR: true as soon as one is. */
    static final class Junction extends Condition {
        private final Expression[] parts;
        private final int decisive;

        Junction(Expression[] parts, boolean and) {
            this.parts = parts;
            this.decisive = and ? FALSE : TRUE;
        }

        @Override
        int test(SelectorMatcher record) {
            int truth = 1 - decisive;
            for (Expression part : parts) {
                int one = part.test(record);
                if (one == decisive) {
                    return decisive;
                }
                if (one == UNKNOWN) {
                    truth = UNKNOWN;
                }
            }
            return truth;
        }
    }

    /** NOT, or twice NOT. */
    static final class Not extends Condition {
        private final Expression operand;
        private final boolean twice;

        Not(Expression operand, boolean twice) {
            this.operand = operand;
            this.twice = twice;
        }

        @Override
        int test(SelectorMatcher record) {
            int truth = operand.test(record);
            return twice ? truth : not(truth);
        }
    }

    /** What two numbers are compared for. */
    enum Comparison {
        EQUAL("="),
        UNEQUAL("<>"),
        LESS("<"),
        LESS_OR_EQUAL("<="),
        GREATER(">"),
        GREATER_OR_EQUAL(">=");

        final String symbol;

        Comparison(String symbol) {
            this.symbol = symbol;
        }

        boolean isOrder() {
            return this != EQUAL && this != UNEQUAL;
        }

        private boolean holds(Value left, Value right) {
            if (left.type == Value.LONG && right.type == Value.LONG) {
                return holds(Long.compare(left.number, right.number));
            }
            double a = left.asDouble();
            double b = right.asDouble();
            return switch (this) {
                case EQUAL -> a == b;
                case UNEQUAL -> a != b;
                case LESS -> a < b;
                case LESS_OR_EQUAL -> a <= b;
                case GREATER -> a > b;
                case GREATER_OR_EQUAL -> a >= b;
            };
        }

        private boolean holds(int order) {
            return switch (this) {
                case EQUAL -> order == 0;
                case UNEQUAL -> order != 0;
                case LESS -> order < 0;
                case LESS_OR_EQUAL -> order <= 0;
                case GREATER -> order > 0;
                case GREATER_OR_EQUAL -> order >= 0;
            };
        }

        /** Values of unlike types compare as false, strings and booleans are equal or not and have no order. */
        int test(Value left, Value right) {
            if (left.type == Value.NULL || right.type == Value.NULL) {
                return UNKNOWN;
            }
            if (left.isNumber() && right.isNumber()) {
                return holds(left, right) ? TRUE : FALSE;
            }
            if (left.type != right.type || isOrder()) {
                return FALSE;
            }
            boolean same = left.type == Value.STRING ? left.sameText(right) : left.number == right.number;
            return same == (this == EQUAL) ? TRUE : FALSE;
        }
    }

    /** {@code left = right} and the like. */
    static final class Compare extends Condition {
        private final Comparison comparison;
        private final Expression left;
        private final Expression right;

        Compare(Comparison comparison, Expression left, Expression right) {
            this.comparison = comparison;
            this.left = left;
            this.right = right;
        }

        @Override
        int test(SelectorMatcher record) {
            return comparison.test(left.value(record), right.value(record));
        }
    }

    /** {@code x BETWEEN low AND high} is {@code x >= low AND x <= high}; NOT BETWEEN is {@code x < low OR x > high}. */
    static final class Between extends Condition {
        private final Expression operand;
        private final Expression low;
        private final Expression high;
        private final boolean negated;

        Between(Expression operand, Expression low, Expression high, boolean negated) {
            this.operand = operand;
            this.low = low;
            this.high = high;
            this.negated = negated;
        }

        @Override
        int test(SelectorMatcher record) {
            Value value = operand.value(record);
            Value from = low.value(record);
            Value to = high.value(record);
            int below = (negated ? Comparison.LESS : Comparison.GREATER_OR_EQUAL).test(value, from);
            int above = (negated ? Comparison.GREATER : Comparison.LESS_OR_EQUAL).test(value, to);
            int decisive = negated ? TRUE : FALSE;
            if (below == decisive || above == decisive) {
                return decisive;
            }
            return below == UNKNOWN || above == UNKNOWN ? UNKNOWN : 1 - decisive;
        }
    }

    /** {@code identifier IN ('a', 'b')}: what is no string is not in it. */
    static final class In extends Condition {
        private final Expression identifier;
        private final Value[] table;
        private final boolean negated;

        In(Expression identifier, Value[] strings, boolean negated) {
            this.identifier = identifier;
            this.negated = negated;
            this.table = new Value[Integer.highestOneBit(2 * strings.length) * 2];
            for (Value string : strings) {
                int at = slot(string);
                table[at] = string;
            }
        }

        private int slot(Value string) {
            int hash = string.textHash();
            int at = (hash ^ hash >>> 16) & table.length - 1;
            while (table[at] != null && !table[at].sameText(string)) {
                at = at + 1 & table.length - 1;
            }
            return at;
        }

        @Override
        int test(SelectorMatcher record) {
            Value value = identifier.value(record);
            if (value.type == Value.NULL) {
                return UNKNOWN;
            }
            boolean in = value.type == Value.STRING && table[slot(value)] != null;
            return in == negated ? FALSE : TRUE;
        }
    }

    /** {@code identifier LIKE 'a%'}: what is no string is not like it. */
    static final class Like extends Condition {
        private final Expression identifier;
        private final LikePattern pattern;
        private final boolean negated;

        Like(Expression identifier, LikePattern pattern, boolean negated) {
            this.identifier = identifier;
            this.pattern = pattern;
            this.negated = negated;
        }

        @Override
        int test(SelectorMatcher record) {
            Value value = identifier.value(record);
            if (value.type == Value.NULL) {
                return UNKNOWN;
            }
            boolean like = value.type == Value.STRING && pattern.matches(record.codePoints(value), record.codePoints());
            return like == negated ? FALSE : TRUE;
        }
    }

    /** {@code identifier IS NULL}, never unknown. */
    static final class IsNull extends Condition {
        private final Expression identifier;
        private final boolean negated;

        IsNull(Expression identifier, boolean negated) {
            this.identifier = identifier;
            this.negated = negated;
        }

        @Override
        int test(SelectorMatcher record) {
            boolean isNull = identifier.value(record).type == Value.NULL;
            return isNull == negated ? FALSE : TRUE;
        }
    }
}
