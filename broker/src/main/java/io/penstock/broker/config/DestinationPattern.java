package io.penstock.broker.config;

import io.penstock.protocol.name.DestinationName;
import java.util.regex.Pattern;

/**
 * A pattern of destination names with Artemis' wildcards: words are separated by dots, {@code *} stands for one word,
 * {@code #} for any number of them, none included. Ordered by precedence: the most specific comes first. Immutable.
 */
record DestinationPattern(String text, String[] words) implements Comparable<DestinationPattern> {
    private static final Pattern DOT = Pattern.compile(".", Pattern.LITERAL);
    private static final Pattern WORD = Pattern.compile("[A-Za-z0-9_-]*");
    private static final String ONE = "*";
    private static final String ANY = "#";

    static DestinationPattern of(String text) {
        return new DestinationPattern(text, DOT.split(text, -1));
    }

    /** What is wrong with a pattern, as a sentence for the user, or null. */
    static String fault(String text) {
        if (text == null || text.isEmpty()) {
            return "a pattern is missing";
        }
        if (text.length() > DestinationName.CHARS_MAX) {
            return "a pattern of " + text.length() + " characters; at most " + DestinationName.CHARS_MAX
                    + " are allowed";
        }
        int any = 0;
        for (String word : DOT.split(text, -1)) {
            if (word.equals(ANY)) {
                any++;
            } else if (!word.equals(ONE) && !WORD.matcher(word).matches()) {
                return "pattern '" + text + "': '" + word + "' is no word; '*' (one word) and '#' (any number of words)"
                        + " stand alone between dots";
            }
        }
        return any > 2 ? "pattern '" + text + "': '#' at most twice" : null;
    }

    boolean matches(String[] name) {
        return matches(0, name, 0);
    }

    private boolean matches(int word, String[] name, int at) {
        if (word == words.length) {
            return at == name.length;
        }
        if (words[word].equals(ANY)) {
            for (int next = at; next <= name.length; next++) {
                if (matches(word + 1, name, next)) {
                    return true;
                }
            }
            return false;
        }
        return at < name.length
                && (words[word].equals(ONE) || words[word].equals(name[at]))
                && matches(word + 1, name, at + 1);
    }

    static String[] words(String name) {
        return DOT.split(name, -1);
    }

    /** Without '#' before with, then the longer, then where a word stands first and the other has '*'. */
    @Override
    public int compareTo(DestinationPattern other) {
        boolean any = has(ANY);
        if (any != other.has(ANY)) {
            return any ? 1 : -1;
        }
        if (any && fixedChars() != other.fixedChars()) {
            return other.fixedChars() - fixedChars();
        }
        boolean one = has(ONE);
        if (one != other.has(ONE)) {
            return one ? 1 : -1;
        }
        for (int i = 0; i < Math.min(words.length, other.words.length); i++) {
            boolean wild = words[i].equals(ONE);
            if (wild != other.words[i].equals(ONE)) {
                return wild ? 1 : -1;
            }
        }
        return text.compareTo(other.text);
    }

    private boolean has(String wildcard) {
        for (String word : words) {
            if (word.equals(wildcard)) {
                return true;
            }
        }
        return false;
    }

    private int fixedChars() {
        return text.replace(ANY, "").length();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof DestinationPattern pattern && pattern.text.equals(text);
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
