package io.penstock.protocol.jms;

/** The letters of {@link BodyJson}, run by run. */
final class TypeLetters {
    /** No header says what the type is. */
    static final char UNTOLD = 0;

    private TypeLetters() {}

    static char of(Object value) {
        if (value == null || value instanceof String) {
            return 'S';
        } else if (value instanceof Integer) {
            return 'I';
        } else if (value instanceof Long) {
            return 'J';
        } else if (value instanceof Boolean) {
            return 'Z';
        } else if (value instanceof Double) {
            return 'D';
        } else if (value instanceof Float) {
            return 'F';
        } else if (value instanceof byte[]) {
            return 'Y';
        } else if (value instanceof Short) {
            return 'H';
        } else if (value instanceof Byte) {
            return 'B';
        } else if (value instanceof Character) {
            return 'C';
        }
        throw new IllegalArgumentException("no JMS type: " + value.getClass().getName());
    }

    /** Puts runs together. */
    static final class Writer {
        private final StringBuilder text = new StringBuilder();
        private char letter = UNTOLD;
        private int run;

        void add(char next) {
            if (next == letter) {
                run++;
                return;
            }
            flush();
            letter = next;
            run = 1;
        }

        String text() {
            flush();
            run = 0;
            letter = UNTOLD;
            return text.toString();
        }

        private void flush() {
            if (run > 0) {
                text.append(letter);
            }
            if (run > 1) {
                text.append(run);
            }
        }
    }

    /** Takes runs apart; behind the last letter everything is {@link #UNTOLD}. */
    static final class Reader {
        private final String text;
        private int at;
        private char letter = UNTOLD;
        private int left;

        Reader(String text) {
            this.text = text == null ? "" : text;
        }

        char next() {
            if (left == 0) {
                if (at >= text.length()) {
                    return UNTOLD;
                }
                letter = text.charAt(at++);
                long run = 0;
                boolean counted = false;
                while (at < text.length() && text.charAt(at) >= '0' && text.charAt(at) <= '9') {
                    run = Math.min(Integer.MAX_VALUE, run * 10 + text.charAt(at++) - '0');
                    counted = true;
                }
                left = counted ? (int) Math.max(1, run) : 1;
            }
            left--;
            return letter;
        }
    }
}
