package io.penstock.protocol.selector;

import java.util.Locale;

/** Cuts a selector into tokens, one at a time. Numbers have the syntax of Java's literals, in the range of long and double. */
final class SelectorLexer {

    /** What a token is. */
    enum Token {
        IDENTIFIER,
        STRING,
        EXACT,
        APPROXIMATE,
        /** A reserved word, or an operator: {@link #text} says which. */
        WORD,
        SYMBOL,
        END
    }

    private static final String RESERVED = " NULL TRUE FALSE NOT AND OR BETWEEN LIKE IN IS ESCAPE ";

    private final String input;
    private int position;
    /** Where the current token begins. */
    private int start;

    private Token token;
    private String text;
    private long exact;
    /** The literal 9223372036854775808, which only a minus makes a number. */
    private boolean onlyNegative;

    private double approximate;

    SelectorLexer(String input) {
        this.input = input;
    }

    Token token() {
        return token;
    }

    /** An identifier, the contents of a string, a reserved word in capitals, or a symbol. */
    String text() {
        return text;
    }

    long exact() {
        return exact;
    }

    boolean onlyNegative() {
        return onlyNegative;
    }

    double approximate() {
        return approximate;
    }

    boolean isSymbol(String symbol) {
        return token == Token.SYMBOL && text.equals(symbol);
    }

    boolean isWord(String word) {
        return token == Token.WORD && text.equals(word);
    }

    SelectorSyntaxException fault(String what) {
        int from = Math.max(0, start - 20);
        int to = Math.min(input.length(), start + 20);
        String near = token == Token.END && start >= input.length()
                ? "at its end"
                : "at character " + (start + 1) + ", near '" + input.substring(from, to) + "'";
        return new SelectorSyntaxException("the selector is not valid " + near + ": " + what);
    }

    /** Goes on to the next token. */
    void next() throws SelectorSyntaxException {
        while (position < input.length() && isWhiteSpace(input.charAt(position))) {
            position++;
        }
        start = position;
        if (position == input.length()) {
            token = Token.END;
            text = "";
            return;
        }
        char c = input.charAt(position);
        if (c == '\'') {
            string();
        } else if (isDigit(c) || c == '.' && position + 1 < input.length() && isDigit(input.charAt(position + 1))) {
            number();
        } else if (Character.isJavaIdentifierStart(c)) {
            word();
        } else {
            symbol(c);
        }
    }

    private static boolean isWhiteSpace(char c) {
        return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f';
    }

    private static boolean isDigit(char c) {
        return c >= '0' && c <= '9';
    }

    private void string() throws SelectorSyntaxException {
        StringBuilder contents = new StringBuilder();
        for (int at = position + 1; ; at++) {
            int quote = input.indexOf('\'', at);
            if (quote < 0) {
                throw fault("a string without its closing quote");
            }
            contents.append(input, at, quote);
            if (quote + 1 == input.length() || input.charAt(quote + 1) != '\'') {
                position = quote + 1;
                break;
            }
            contents.append('\'');
            at = quote + 1;
        }
        token = Token.STRING;
        text = contents.toString();
    }

    private void word() {
        while (position < input.length() && Character.isJavaIdentifierPart(input.charAt(position))) {
            position++;
        }
        text = input.substring(start, position);
        if (text.length() <= 7) {
            String capitals = text.toUpperCase(Locale.ROOT);
            if (capitals.length() == text.length() && RESERVED.contains(" " + capitals + " ")) {
                token = Token.WORD;
                text = capitals;
                return;
            }
        }
        token = Token.IDENTIFIER;
    }

    private void symbol(char c) throws SelectorSyntaxException {
        char after = position + 1 < input.length() ? input.charAt(position + 1) : 0;
        if (c == '<' && (after == '>' || after == '=') || c == '>' && after == '=') {
            text = input.substring(position, position + 2);
        } else if ("=<>+-*/(),".indexOf(c) >= 0) {
            text = String.valueOf(c);
        } else {
            token = Token.SYMBOL;
            throw fault("'" + c + "' is no part of a selector");
        }
        token = Token.SYMBOL;
        position += text.length();
    }

    private void number() throws SelectorSyntaxException {
        int radix = 10;
        char second = position + 1 < input.length() ? Character.toLowerCase(input.charAt(position + 1)) : 0;
        if (input.charAt(position) == '0' && (second == 'x' || second == 'b')) {
            radix = second == 'x' ? 16 : 2;
            position += 2;
        }
        boolean real = false;
        boolean exponent = false;
        while (position < input.length()) {
            char c = Character.toLowerCase(input.charAt(position));
            if (c == '.' && radix != 2 && !real) {
                real = true;
            } else if (!exponent && (radix == 10 && c == 'e' || radix == 16 && c == 'p')) {
                real = true;
                exponent = true;
                char sign = position + 1 < input.length() ? input.charAt(position + 1) : 0;
                position += sign == '+' || sign == '-' ? 1 : 0;
            } else if (Character.digit(c, exponent ? 10 : radix == 16 ? 16 : 10) < 0 && c != '_') {
                break;
            }
            position++;
        }
        boolean suffixed = false;
        if (position < input.length() && "fFdDlL".indexOf(input.charAt(position)) >= 0) {
            char suffix = Character.toLowerCase(input.charAt(position));
            suffixed = true;
            if (suffix == 'l' && real) {
                throw fault("a number that is both a fraction and a long");
            }
            real |= suffix != 'l';
            position++;
        }
        if (position < input.length() && Character.isJavaIdentifierPart(input.charAt(position))) {
            throw fault("a number with '" + input.charAt(position) + "' in it");
        }
        String literal = input.substring(start, position);
        if (real) {
            approximate(literal);
        } else {
            exact(suffixed ? literal.substring(0, literal.length() - 1) : literal, radix);
        }
    }

    private void approximate(String literal) throws SelectorSyntaxException {
        try {
            checkUnderscores(literal);
            approximate = Double.parseDouble(literal.replace("_", ""));
        } catch (NumberFormatException e) {
            throw fault("'" + literal + "' is no number");
        }
        if (Double.isInfinite(approximate)) {
            throw fault("'" + literal + "' is out of the range of double");
        }
        token = Token.APPROXIMATE;
        text = literal;
    }

    private void exact(String literal, int prefixed) throws SelectorSyntaxException {
        checkUnderscores(literal);
        String digits = literal.replace("_", "");
        int radix = prefixed;
        if (prefixed != 10) {
            digits = digits.substring(2);
        } else if (digits.length() > 1 && digits.charAt(0) == '0') {
            radix = 8;
        }
        onlyNegative = radix == 10 && digits.equals("9223372036854775808");
        try {
            // As in Java a hexadecimal, octal or binary literal gives all 64 bits.
            exact = onlyNegative
                    ? Long.MIN_VALUE
                    : radix == 10 ? Long.parseLong(digits) : Long.parseUnsignedLong(digits, radix);
        } catch (NumberFormatException e) {
            boolean wellFormed = !digits.isEmpty();
            for (int i = 0; i < digits.length(); i++) {
                wellFormed &= Character.digit(digits.charAt(i), radix) >= 0;
            }
            throw fault("'" + shown(literal) + "' is " + (wellFormed ? "out of the range of long" : "no number"));
        }
        token = Token.EXACT;
        text = literal;
    }

    private static String shown(String literal) {
        return literal.length() <= 40 ? literal : literal.substring(0, 40) + "...";
    }

    /** Underscores stand between digits. */
    private void checkUnderscores(String literal) throws SelectorSyntaxException {
        for (int at = literal.indexOf('_'); at >= 0; at = literal.indexOf('_', at + 1)) {
            char before = at == 0 ? 0 : literal.charAt(at - 1);
            char after = at + 1 == literal.length() ? 0 : literal.charAt(at + 1);
            boolean fits = (before == '_' || Character.digit(before, 16) >= 0)
                    && (after == '_' || Character.digit(after, 16) >= 0);
            if (!fits) {
                throw fault("an underscore that is not between digits");
            }
        }
    }
}
