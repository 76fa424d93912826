package io.penstock.protocol.jms;

/** What the value of a record is to JMS; the word stands first in {@link JmsHeader#TYPES}. */
public enum BodyKind {
    /** No body: a null value. */
    MESSAGE("message"),
    /** UTF-8; a null value for null. */
    TEXT("text"),
    /** As they are. */
    BYTES("bytes"),
    /** A JSON object, see {@link BodyJson}. */
    MAP("map"),
    /** A JSON array, see {@link BodyJson}. */
    STREAM("stream"),
    /** Java's serialization; a null value for null. */
    OBJECT("object");

    private static final BodyKind[] VALUES = values();

    private final String word;

    BodyKind(String word) {
        this.word = word;
    }

    public String word() {
        return word;
    }

    /** @return null for a word that means none */
    static BodyKind of(String word) {
        for (BodyKind kind : VALUES) {
            if (kind.word.equals(word)) {
                return kind;
            }
        }
        return null;
    }
}
