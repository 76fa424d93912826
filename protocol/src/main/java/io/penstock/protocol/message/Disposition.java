package io.penstock.protocol.message;

/** What happens to settled messages. */
public enum Disposition {
    ACCEPT(1),
    /** Back to available, the delivery count as before this delivery. */
    RELEASE(2),
    /** Back to available, counted as delivered. */
    RELEASE_COUNTED(3);

    private static final Disposition[] VALUES = values();

    private final byte code;

    Disposition(int code) {
        this.code = (byte) code;
    }

    public byte code() {
        return code;
    }

    /** @throws MalformedMessageException for a code that does not exist */
    public static Disposition of(byte code) {
        for (Disposition value : VALUES) {
            if (value.code == code) {
                return value;
            }
        }
        throw new MalformedMessageException("disposition is " + code);
    }
}
