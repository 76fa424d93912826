package io.penstock.protocol.jms;

/** A destination as text, in {@code JMSReplyTo}: {@code queue://NAME}, {@code topic://NAME}, and those of temporary ones. */
public record DestinationText(Kind kind, String name) {

    /** What a destination is, and how its text begins. */
    public enum Kind {
        QUEUE("queue://"),
        TOPIC("topic://"),
        TEMPORARY_QUEUE("temp-queue://"),
        TEMPORARY_TOPIC("temp-topic://");

        private static final Kind[] VALUES = values();

        private final String prefix;

        Kind(String prefix) {
            this.prefix = prefix;
        }
    }

    /** @return a queue when the text names no kind, as a native client may write it; null for an empty name */
    public static DestinationText parse(String text) {
        for (Kind kind : Kind.VALUES) {
            if (text.startsWith(kind.prefix)) {
                String name = text.substring(kind.prefix.length());
                return name.isEmpty() ? null : new DestinationText(kind, name);
            }
        }
        return text.isEmpty() ? null : new DestinationText(Kind.QUEUE, text);
    }

    @Override
    public String toString() {
        return kind.prefix + name;
    }
}
