package io.penstock.protocol.selector;

import java.nio.charset.StandardCharsets;

/**
 * A compiled selector. Immutable; evaluated by {@link SelectorMatcher}, one for each thread.
 *
 * <pre>
 * selector    or                                          must be a condition, or an identifier that is a boolean
 * or          and { OR and }
 * and         not { AND not }
 * not         { NOT } comparison
 * comparison  sum [ (= | &lt;&gt; | &lt; | &lt;= | &gt; | &gt;=) sum ]
 *           | sum [NOT] BETWEEN sum AND sum
 *           | identifier [NOT] IN ( string { , string } )
 *           | identifier [NOT] LIKE string [ESCAPE string]
 *           | identifier IS [NOT] NULL
 * sum         product { (+ | -) product }
 * product     unary { (* | /) unary }
 * unary       { + | - } primary
 * primary     literal | identifier | ( or )
 * </pre>
 *
 * <p>Limits keep what a record costs bounded whatever the selector is; beyond them compiling fails.
 */
public final class Selector {
    /** UTF-8 bytes of a selector. */
    public static final int BYTES_MAX = 32_000;
    /** Parentheses in parentheses. */
    public static final int DEPTH_MAX = 100;
    /** Literals, identifiers and operators. */
    public static final int NODES_MAX = 5_000;
    /** LIKE comparisons: each reads its value from end to end. */
    public static final int LIKES_MAX = 256;
    /** Bytes of a string property; longer ones are null to selectors. */
    public static final int VALUE_BYTES_MAX = 64 << 10;

    private final String text;
    private final Expression condition;
    private final IdentifierTable identifiers;
    private final int scratchValues;
    private final int nodes;
    private final int likes;

    Selector(String text, Expression condition, IdentifierTable identifiers, int scratchValues, int nodes, int likes) {
        this.text = text;
        this.condition = condition;
        this.identifiers = identifiers;
        this.scratchValues = scratchValues;
        this.nodes = nodes;
        this.likes = likes;
    }

    /** True when {@code text} selects nothing away: null, or nothing but white space (Messaging 3.1 §3.8.1.1). */
    public static boolean isNone(String text) {
        return text == null || text.isBlank();
    }

    /** @param text not {@link #isNone} */
    public static Selector compile(String text) throws SelectorSyntaxException {
        // Characters are at most as many as bytes: what is far too long is not even encoded.
        if (text.length() > BYTES_MAX || text.getBytes(StandardCharsets.UTF_8).length > BYTES_MAX) {
            throw new SelectorSyntaxException("the selector has " + text.length() + " characters; at most " + BYTES_MAX
                    + " bytes of UTF-8 are allowed");
        }
        return new SelectorParser(text).parse();
    }

    public String text() {
        return text;
    }

    /** About how many steps a record costs, for budgets: comparisons, and passes over its headers. */
    public int nodes() {
        return nodes;
    }

    /** How often a record's values are read from end to end, at most. */
    public int likes() {
        return likes;
    }

    Expression condition() {
        return condition;
    }

    IdentifierTable identifiers() {
        return identifiers;
    }

    int scratchValues() {
        return scratchValues;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Selector that && text.equals(that.text);
    }

    @Override
    public int hashCode() {
        return text.hashCode();
    }

    @Override
    public String toString() {
        return text;
    }
}
