package io.penstock.protocol.selector;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A LIKE pattern over code points, matched in one pass over the text whatever the pattern: it is cut at each {@code %};
 * the first part must begin the text, the last one end it, and each part between is looked for from where the one before
 * ended (leftmost is always right). Parts without {@code _} are looked for by Knuth, Morris and Pratt's method, others
 * bit by bit (Shift-And), for which they must be short.
 */
final class LikePattern {
    /** Characters between two {@code %} when there is a {@code _} among them. */
    static final int WILD_PART_MAX = 64;

    private static final int ANY = -1;

    /** Between the {@code %}s: one part when there is none. */
    private final Part[] parts;

    private LikePattern(Part[] parts) {
        this.parts = parts;
    }

    /** @param escape -1 for none */
    static LikePattern compile(String pattern, int escape) throws SelectorSyntaxException {
        int[] symbols = new int[pattern.length()];
        int count = 0;
        List<int[]> cut = new ArrayList<>();
        for (int i = 0; i < pattern.length(); ) {
            int symbol = pattern.codePointAt(i);
            i += Character.charCount(symbol);
            if (symbol == escape) {
                if (i == pattern.length()) {
                    throw new SelectorSyntaxException("the LIKE pattern '" + shown(pattern) + "' ends with its escape");
                }
                symbol = pattern.codePointAt(i);
                i += Character.charCount(symbol);
                symbols[count++] = symbol;
            } else if (symbol == '%') {
                cut.add(Arrays.copyOf(symbols, count));
                count = 0;
            } else {
                symbols[count++] = symbol == '_' ? ANY : symbol;
            }
        }
        cut.add(Arrays.copyOf(symbols, count));
        Part[] parts = new Part[cut.size()];
        for (int i = 0; i < parts.length; i++) {
            boolean floating = i > 0 && i < parts.length - 1;
            parts[i] = new Part(cut.get(i), floating);
            if (floating && parts[i].wild && parts[i].symbols.length > WILD_PART_MAX) {
                throw new SelectorSyntaxException("the LIKE pattern '" + shown(pattern) + "' has more than "
                        + WILD_PART_MAX + " characters between two % with a _ among them");
            }
        }
        return new LikePattern(parts);
    }

    private static String shown(String pattern) {
        return pattern.length() <= 40 ? pattern : pattern.substring(0, 40) + "...";
    }

    boolean matches(int length, int[] text) {
        Part head = parts[0];
        if (parts.length == 1) {
            return length == head.symbols.length && head.isAt(text, 0);
        }
        Part tail = parts[parts.length - 1];
        int end = length - tail.symbols.length;
        if (head.symbols.length > end || !head.isAt(text, 0) || !tail.isAt(text, end)) {
            return false;
        }
        int at = head.symbols.length;
        for (int i = 1; i < parts.length - 1; i++) {
            at = parts[i].find(text, at, end);
            if (at < 0) {
                return false;
            }
        }
        return true;
    }

    /** What stands between two {@code %}. */
    private static final class Part {
        private final int[] symbols;
        private final boolean wild;
        /** KMP: how much of the part is its own beginning, for each length. */
        private int[] borders;
        /** Shift-And: the distinct symbols in order, and where each may stand. */
        private int[] alphabet;

        private long[] places;
        private long anywhere;

        Part(int[] symbols, boolean floating) {
            this.symbols = symbols;
            this.wild = Arrays.stream(symbols).anyMatch(symbol -> symbol == ANY);
            if (floating && wild) {
                preparePlaces();
            } else if (floating) {
                prepareBorders();
            }
        }

        private void prepareBorders() {
            borders = new int[symbols.length + 1];
            borders[0] = -1;
            for (int i = 0, border = -1; i < symbols.length; ) {
                while (border >= 0 && symbols[i] != symbols[border]) {
                    border = borders[border];
                }
                borders[++i] = ++border;
            }
        }

        private void preparePlaces() {
            alphabet = Arrays.stream(symbols)
                    .filter(symbol -> symbol != ANY)
                    .distinct()
                    .sorted()
                    .toArray();
            places = new long[alphabet.length];
            for (int i = 0; i < Math.min(symbols.length, WILD_PART_MAX); i++) {
                if (symbols[i] == ANY) {
                    anywhere |= 1L << i;
                } else {
                    places[Arrays.binarySearch(alphabet, symbols[i])] |= 1L << i;
                }
            }
        }

        boolean isAt(int[] text, int at) {
            for (int i = 0; i < symbols.length; i++) {
                if (symbols[i] != ANY && symbols[i] != text[at + i]) {
                    return false;
                }
            }
            return true;
        }

        /** Where the leftmost occurrence in {@code text[from, to)} ends, -1 for none. */
        int find(int[] text, int from, int to) {
            if (symbols.length == 0) {
                return from;
            }
            return wild ? findWild(text, from, to) : findPlain(text, from, to);
        }

        private int findPlain(int[] text, int from, int to) {
            int matched = 0;
            for (int i = from; i < to; i++) {
                while (matched >= 0 && symbols[matched] != text[i]) {
                    matched = borders[matched];
                }
                if (++matched == symbols.length) {
                    return i + 1;
                }
            }
            return -1;
        }

        private int findWild(int[] text, int from, int to) {
            long done = 1L << symbols.length - 1;
            long state = 0;
            for (int i = from; i < to; i++) {
                int symbol = Arrays.binarySearch(alphabet, text[i]);
                state = (state << 1 | 1) & (symbol < 0 ? anywhere : anywhere | places[symbol]);
                if ((state & done) != 0) {
                    return i + 1;
                }
            }
            return -1;
        }
    }
}
