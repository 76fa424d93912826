package io.penstock.protocol.selector;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.protocol.record.Record;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

/** JMS-RULES 27, against an evaluator without any cleverness: boxed values, null for unknown, regular expressions. */
class SelectorPropertyTest {

    private static final String[] NAMES = {"a", "b", "c", "d_e", "missing"};
    private static final String[] STRINGS = {"", "x", "xy", "a%b", "it's", "xyxyx", "ü", "5"};

    /** Text, and what it means: Long, Double, String or Boolean, null for unknown. */
    private record Part(String text, Supplier<Object> value) {}

    @Property(tries = 3_000)
    void agreesWithTheNaiveEvaluator(@ForAll long seed) throws SelectorSyntaxException {
        Random random = new Random(seed);
        Map<String, Object> properties = new LinkedHashMap<>();
        List<Object> namesAndValues = new ArrayList<>();
        for (String name : NAMES) {
            if (!name.equals("missing") && random.nextInt(8) > 0) {
                Object value = value(random);
                properties.put(name, value);
                namesAndValues.add(name);
                namesAndValues.add(value);
            }
        }
        Record record = MessageFixture.sent(namesAndValues.toArray());
        Part condition = condition(random, 4, properties);
        boolean expected = Boolean.TRUE.equals(condition.value.get());
        assertEquals(
                expected,
                new SelectorMatcher(Selector.compile(condition.text), "t", 0).matches(record),
                condition.text + " with " + properties);
    }

    /** Whatever the text: compiled, or refused with an exception that says so. */
    @Property(tries = 3_000)
    void arbitraryTextIsCompiledOrRefused(@ForAll long seed) {
        Random random = new Random(seed);
        String[] pieces = {
            "a",
            "=",
            "<",
            ">",
            "<>",
            "(",
            ")",
            "'",
            "'x'",
            "5",
            ".",
            "1e",
            "0x",
            "-",
            "+",
            "*",
            "/",
            ",",
            " AND ",
            " OR ",
            " NOT ",
            " BETWEEN ",
            " IN ",
            " LIKE ",
            " ESCAPE ",
            " IS ",
            " NULL ",
            "TRUE",
            "%",
            "_",
            "\u00e4",
            "\ud800",
            ";",
            "JMSType",
            "JMSX"
        };
        StringBuilder text = new StringBuilder();
        for (int i = random.nextInt(25); i >= 0; i--) {
            text.append(pieces[random.nextInt(pieces.length)]);
        }
        try {
            new SelectorMatcher(Selector.compile(text.toString()), "t", 0)
                    .matches(MessageFixture.sent("a", 5, "JMSType", "x"));
        } catch (SelectorSyntaxException e) {
            assertTrue(e.getMessage().startsWith("the "), e.getMessage());
        }
    }

    private static Object value(Random random) {
        return switch (random.nextInt(9)) {
            case 0 -> random.nextBoolean();
            case 1 -> (byte) random.nextInt();
            case 2 -> (short) random.nextInt(10);
            case 3 -> random.nextInt(7) - 3;
            case 4 -> random.nextBoolean() ? random.nextLong() : (long) random.nextInt(5);
            case 5 -> random.nextInt(9) / 4f;
            case 6 -> random.nextInt(9) / 4d;
            case 7 -> null;
            default -> STRINGS[random.nextInt(STRINGS.length)];
        };
    }

    private static Part identifier(Random random, Map<String, Object> properties) {
        String name = NAMES[random.nextInt(NAMES.length)];
        return new Part(name, () -> {
            Object value = properties.get(name);
            if (value instanceof Float || value instanceof Double) {
                return ((Number) value).doubleValue();
            }
            return value instanceof Number number ? (Object) number.longValue() : value;
        });
    }

    private static Part number(Random random, int depth, Map<String, Object> properties) {
        int choice = random.nextInt(depth <= 0 ? 3 : 7);
        if (choice == 0) {
            long value = random.nextInt(9) - 4;
            return new Part(value < 0 ? "(" + value + ")" : Long.toString(value), () -> value);
        } else if (choice == 1) {
            double value = random.nextInt(9) / 4d;
            return new Part(Double.toString(value), () -> value);
        } else if (choice == 2) {
            return identifier(random, properties);
        } else if (choice == 3) {
            Part inner = number(random, depth - 1, properties);
            return new Part("-(" + inner.text + ")", () -> {
                Object value = inner.value.get();
                return value instanceof Long exact ? (Object) (-exact) : value instanceof Double real ? -real : null;
            });
        }
        char operator = "+-*/".charAt(random.nextInt(4));
        Part left = number(random, depth - 1, properties);
        Part right = number(random, depth - 1, properties);
        return new Part("(" + left.text + " " + operator + " " + right.text + ")", () -> {
            Object a = left.value.get();
            Object b = right.value.get();
            return a instanceof Number x && b instanceof Number y ? compute(operator, x, y) : null;
        });
    }

    private static Object compute(char operator, Number a, Number b) {
        if (a instanceof Long x && b instanceof Long y) {
            return switch (operator) {
                case '+' -> x + y;
                case '-' -> x - y;
                case '*' -> x * y;
                default -> y == 0 ? null : (Object) (x / y);
            };
        }
        double x = a.doubleValue();
        double y = b.doubleValue();
        return switch (operator) {
            case '+' -> x + y;
            case '-' -> x - y;
            case '*' -> x * y;
            default -> x / y;
        };
    }

    private static Part condition(Random random, int depth, Map<String, Object> properties) {
        switch (random.nextInt(depth <= 0 ? 6 : 10)) {
            case 0 -> {
                Part name = identifier(random, properties);
                return new Part(name.text, () -> truth(name.value.get()));
            }
            case 1 -> {
                return comparison(random, depth, properties);
            }
            case 2 -> {
                return between(random, depth, properties);
            }
            case 3 -> {
                return in(random, properties);
            }
            case 4 -> {
                return like(random, properties);
            }
            case 5 -> {
                Part name = identifier(random, properties);
                boolean negated = random.nextBoolean();
                return new Part(
                        name.text + " IS " + (negated ? "NOT " : "") + "NULL",
                        () -> (name.value.get() == null) != negated);
            }
            case 6 -> {
                Part inner = condition(random, depth - 1, properties);
                return new Part("NOT (" + inner.text + ")", () -> not(inner.value.get()));
            }
            default -> {
                boolean and = random.nextBoolean();
                Part left = condition(random, depth - 1, properties);
                Part right = condition(random, depth - 1, properties);
                return new Part("(" + left.text + (and ? ") AND (" : ") OR (") + right.text + ")", () -> {
                    Object a = left.value.get();
                    Object b = right.value.get();
                    return and ? and(a, b) : not(and(not(a), not(b)));
                });
            }
        }
    }

    private static Object truth(Object value) {
        return value == null || value instanceof Boolean ? value : (Object) false;
    }

    private static Object not(Object truth) {
        return truth == null ? null : (Object) !(Boolean) truth;
    }

    private static Object and(Object a, Object b) {
        if (Boolean.FALSE.equals(a) || Boolean.FALSE.equals(b)) {
            return false;
        }
        return a == null || b == null ? null : (Object) true;
    }

    private static Part comparison(Random random, int depth, Map<String, Object> properties) {
        String[] operators = {"=", "<>", "<", "<=", ">", ">="};
        String operator = operators[random.nextInt(6)];
        boolean order = !operator.equals("=") && !operator.equals("<>");
        Part left = number(random, depth - 1, properties);
        Part right;
        if (!order && random.nextBoolean()) {
            String string = STRINGS[random.nextInt(STRINGS.length)];
            boolean truth = random.nextBoolean();
            right = random.nextInt(3) == 0
                    ? new Part(Boolean.toString(truth), () -> truth)
                    : new Part(literal(string), () -> string);
        } else {
            right = number(random, depth - 1, properties);
        }
        Part other = right;
        return new Part(
                left.text + " " + operator + " " + right.text,
                () -> compare(operator, left.value.get(), other.value.get()));
    }

    private static Object compare(String operator, Object a, Object b) {
        if (a == null || b == null) {
            return null;
        }
        if (a instanceof Number x && b instanceof Number y) {
            boolean exact = a instanceof Long && b instanceof Long;
            double p = x.doubleValue();
            double q = y.doubleValue();
            int order = exact ? Long.compare((Long) a, (Long) b) : p < q ? -1 : p > q ? 1 : 0;
            if (!exact && (Double.isNaN(p) || Double.isNaN(q))) {
                return operator.equals("<>");
            }
            return switch (operator) {
                case "=" -> order == 0;
                case "<>" -> order != 0;
                case "<" -> order < 0;
                case "<=" -> order <= 0;
                case ">" -> order > 0;
                default -> order >= 0;
            };
        }
        if (a.getClass() != b.getClass()) {
            return false;
        }
        return switch (operator) {
            case "=" -> a.equals(b);
            case "<>" -> !a.equals(b);
            default -> false;
        };
    }

    private static Part between(Random random, int depth, Map<String, Object> properties) {
        Part value = number(random, depth - 1, properties);
        Part low = number(random, depth - 1, properties);
        Part high = number(random, depth - 1, properties);
        boolean negated = random.nextBoolean();
        return new Part(
                value.text + (negated ? " NOT" : "") + " BETWEEN " + low.text + " AND " + high.text,
                () -> negated
                        ? not(and(
                                not(compare("<", value.value.get(), low.value.get())),
                                not(compare(">", value.value.get(), high.value.get()))))
                        : and(
                                compare(">=", value.value.get(), low.value.get()),
                                compare("<=", value.value.get(), high.value.get())));
    }

    private static Part in(Random random, Map<String, Object> properties) {
        Part name = identifier(random, properties);
        List<String> strings = new ArrayList<>();
        for (int i = random.nextInt(4); i >= 0; i--) {
            strings.add(STRINGS[random.nextInt(STRINGS.length)]);
        }
        boolean negated = random.nextBoolean();
        String list = String.join(
                ", ", strings.stream().map(SelectorPropertyTest::literal).toList());
        return new Part(name.text + (negated ? " NOT" : "") + " IN (" + list + ")", () -> {
            Object value = name.value.get();
            return value == null ? null : (Object) (strings.contains(value) != negated);
        });
    }

    private static Part like(Random random, Map<String, Object> properties) {
        Part name = identifier(random, properties);
        StringBuilder pattern = new StringBuilder();
        StringBuilder regex = new StringBuilder();
        boolean escaped = random.nextBoolean();
        for (int i = random.nextInt(7); i > 0; i--) {
            String symbol = List.of("%", "%", "_", "x", "y", "a", "b", "'", "ü", "!%", "!_")
                    .get(random.nextInt(escaped ? 11 : 9));
            pattern.append(symbol);
            regex.append(symbol.equals("%") ? ".*" : symbol.equals("_") ? "." : Pattern.quote(symbol.replace("!", "")));
        }
        boolean negated = random.nextBoolean();
        Pattern compiled = Pattern.compile(regex.toString(), Pattern.DOTALL);
        return new Part(
                name.text + (negated ? " NOT" : "") + " LIKE " + literal(pattern.toString())
                        + (escaped ? " ESCAPE '!'" : ""),
                () -> {
                    Object value = name.value.get();
                    return value == null
                            ? null
                            : (Object) ((value instanceof String text
                                            && compiled.matcher(text).matches())
                                    != negated);
                });
    }

    private static String literal(String text) {
        return "'" + text.replace("'", "''") + "'";
    }
}
