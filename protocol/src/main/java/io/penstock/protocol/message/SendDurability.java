package io.penstock.protocol.message;

/** When a send is answered. */
public enum SendDurability {
    /** What the topic's {@code flush.policy} says. */
    TOPIC(0),
    /** As soon as the record is in memory. */
    MEMORY(1);

    private static final SendDurability[] VALUES = values();

    private final byte code;

    SendDurability(int code) {
        this.code = (byte) code;
    }

    public byte code() {
        return code;
    }

    /** @throws MalformedMessageException for a code that does not exist */
    public static SendDurability of(byte code) {
        for (SendDurability value : VALUES) {
            if (value.code == code) {
                return value;
            }
        }
        throw new MalformedMessageException("durability is " + code);
    }
}
